-- The payments of a client in a period, each with the number of its outcome: `judged`, for the statements beside.
-- {ledger} is the payments that were known at the cut-off. It does what `counting.count` does, row by row.
ledger AS NOT MATERIALIZED (
    {ledger}
), paid AS NOT MATERIALIZED (
    SELECT
        external_id, profile_id, paid_on, kind, refers_to, cost_center, category, file_id,
        CASE WHEN is_settled THEN settled_amount ELSE amount END AS amount,
        CASE WHEN is_settled THEN settled_currency ELSE currency END AS currency
    FROM ledger, LATERAL (
        SELECT settled_amount IS NOT NULL AND settled_currency = %(currency)s AND currency <> settled_currency
    ) AS settlement (is_settled)
    WHERE paid_on BETWEEN %(starts_on)s AND %(ends_on)s
), step_back (external_id, refers_to) AS (
    SELECT external_id, refers_to FROM paid WHERE refers_to <> ''
    UNION  -- without the rows that are there already, so that payments which refer to each other come to an end
    SELECT step_back.external_id, earlier.refers_to
    FROM step_back JOIN ledger AS earlier ON earlier.external_id = step_back.refers_to
    WHERE earlier.refers_to <> ''
), root AS (
    SELECT step_back.external_id, earlier.*
    FROM step_back, LATERAL (  -- a look into the index for each: a join would read the whole ledger again
        SELECT external_id AS number, profile_id, paid_on, kind
        FROM ledger
        WHERE external_id = step_back.refers_to AND refers_to = ''
        LIMIT 1
    ) AS earlier
), traced AS (
    SELECT *, external_id AS judged_number, kind AS judged_kind, paid_on AS judged_on
    FROM paid WHERE refers_to = ''
    UNION ALL
    SELECT
        paid.external_id,
        CASE WHEN root.number IS NULL THEN paid.profile_id ELSE root.profile_id END,
        paid.paid_on,
        paid.kind,
        paid.refers_to,
        paid.cost_center,
        paid.category,
        paid.file_id,
        paid.amount,
        paid.currency,
        root.number,
        coalesce(root.kind, paid.kind),
        coalesce(root.paid_on, paid.paid_on)
    FROM paid LEFT JOIN root USING (external_id)
    WHERE paid.refers_to <> ''
), judged AS NOT MATERIALIZED (
    SELECT
        traced.*,
        CASE
            WHEN currency <> %(currency)s THEN %(other_currency)s
            WHEN judged_number IS NULL THEN %(unknown_payment)s
            WHEN judged_kind <> ALL (%(base_kinds)s) THEN %(excluded_kind)s
            WHEN judged_kind = ANY (%(never_counted)s) THEN %(fee_or_tax)s
            WHEN disputed.id IS NOT NULL THEN %(no_certificate)s
            ELSE coalesce(stretch.outcome, %(no_certificate)s)
        END AS outcome
    FROM traced
    LEFT JOIN spend_disputed AS disputed ON disputed.profile_id = traced.profile_id AND disputed.external_id = judged_number
    LEFT JOIN unnest(%(businesses)s::bigint[], %(since)s::date[], %(until)s::date[], %(outcomes)s::int[])
        AS stretch (profile_id, since, until, outcome)
        ON stretch.profile_id = traced.profile_id AND judged_on BETWEEN since AND until
)
