-- What a report says of payments beside what is known of them now, by its rules and by the rules now: added up by all
-- that decides about the cause of a change. The payments of its period are there twice: judged by the rules of each.
WITH told AS (
    SELECT details.number, payment.amount, payment.types, payment.reason
    FROM spend_reportedpayment AS payment LEFT JOIN spend_reporteddetails AS details ON details.payment_id = payment.id
    WHERE payment.report_id = %(report)s
), later AS (
    SELECT
        external_id,
        bool_or(version = 1) AS is_new,
        bool_and(version > 1) AND external_id NOT IN ({known_then}) AS is_moved
    FROM spend_payment
    WHERE client_id = %(client)s AND recorded_at >= %(issued_at)s AND recorded_at < %(cutoff)s
    GROUP BY 1
), now AS (
    SELECT
        judged.external_id,
        amount,
        judged.outcome,
        by_rules.outcome AS outcome_by_rules,
        kind = ANY (%(returned)s) AS is_returned,
        coalesce(later.is_new, false) AS is_new,
        coalesce(NOT later.is_new, false) OR origin.external_id IS NOT NULL AS is_corrected,
        coalesce(later.is_moved, false) AS is_moved
    FROM (WITH RECURSIVE {judged} TABLE judged) AS judged
    JOIN (WITH RECURSIVE {by_rules} SELECT external_id, outcome FROM judged) AS by_rules USING (external_id)
    LEFT JOIN later USING (external_id)
    LEFT JOIN later AS origin ON origin.external_id = judged.refers_to
)
SELECT
    types, reason, number IS NOT NULL, sum(told.amount),
    outcome, outcome_by_rules, sum(now.amount), is_returned, is_new, is_corrected, is_moved
FROM told FULL JOIN now ON now.external_id = told.number
GROUP BY types, reason, number IS NOT NULL, outcome, outcome_by_rules, is_returned, is_new, is_corrected, is_moved
