-- The payments of a client in a period, added up by part of the period, outcome and currency, with the keys of their businesses.
-- {ledger} is the payments that were known at the cut-off. It does what `counting.count` does, row by row.
WITH RECURSIVE ledger AS NOT MATERIALIZED (
    {ledger}
), paid AS NOT MATERIALIZED (
    SELECT
        external_id, profile_id, paid_on, kind, refers_to, is_disputed,
        CASE WHEN is_settled THEN settled_amount ELSE amount END AS amount,
        CASE WHEN is_settled THEN settled_currency ELSE currency END AS currency
    FROM ledger, LATERAL (
        SELECT settled_amount IS NOT NULL AND settled_currency = %(currency)s AND currency <> settled_currency
    ) AS settlement (is_settled)
    WHERE paid_on BETWEEN (%(parts)s::date[])[1] AND %(ends_on)s
), step_back (external_id, refers_to) AS (
    SELECT external_id, refers_to FROM paid WHERE refers_to <> ''
    UNION  -- without the rows that are there already, so that payments which refer to each other come to an end
    SELECT step_back.external_id, earlier.refers_to
    FROM step_back JOIN ledger AS earlier ON earlier.external_id = step_back.refers_to
    WHERE earlier.refers_to <> ''
), root AS (
    SELECT step_back.external_id, earlier.profile_id, earlier.paid_on, earlier.kind, earlier.is_disputed
    FROM step_back JOIN ledger AS earlier ON earlier.external_id = step_back.refers_to
    WHERE earlier.refers_to = ''
), traced AS (
    SELECT paid_on, amount, currency, true AS has_root, profile_id, kind, paid_on AS judged_on, is_disputed
    FROM paid WHERE refers_to = ''
    UNION ALL
    SELECT
        paid.paid_on,
        paid.amount,
        paid.currency,
        root.external_id IS NOT NULL,
        CASE WHEN root.external_id IS NULL THEN paid.profile_id ELSE root.profile_id END,
        coalesce(root.kind, paid.kind),
        coalesce(root.paid_on, paid.paid_on),
        coalesce(root.is_disputed, false)
    FROM paid LEFT JOIN root USING (external_id)
    WHERE paid.refers_to <> ''
), by_business AS (
    SELECT
        width_bucket(traced.paid_on, %(parts)s::date[]) AS part,
        CASE
            WHEN currency <> %(currency)s THEN %(other_currency)s
            WHEN NOT has_root THEN %(unknown_payment)s
            WHEN kind <> ALL (%(base_kinds)s) THEN %(excluded_kind)s
            WHEN kind = ANY (%(never_counted)s) THEN %(fee_or_tax)s
            WHEN is_disputed THEN %(no_certificate)s
            ELSE coalesce(stretch.outcome, %(no_certificate)s)
        END AS outcome,
        currency,
        traced.profile_id,
        sum(amount) AS amount,
        count(*) AS payments
    FROM traced
    LEFT JOIN unnest(%(businesses)s::bigint[], %(since)s::date[], %(until)s::date[], %(outcomes)s::int[])
        AS stretch (profile_id, since, until, outcome)
        ON stretch.profile_id = traced.profile_id AND judged_on BETWEEN since AND until
    GROUP BY 1, 2, 3, 4
)
SELECT part, outcome, currency, sum(amount), sum(payments)::bigint, array_remove(array_agg(profile_id), NULL)
FROM by_business
GROUP BY 1, 2, 3
