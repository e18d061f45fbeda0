-- The judged payments, added up by part of the period, outcome and currency, with the keys of their businesses.
WITH RECURSIVE {judged}, by_business AS (
    SELECT
        width_bucket(paid_on, %(parts)s::date[]) AS part,
        outcome,
        currency,
        profile_id,
        sum(amount) AS amount,
        count(*) AS payments
    FROM judged
    GROUP BY 1, 2, 3, 4
)
SELECT part, outcome, currency, sum(amount), sum(payments)::bigint, array_remove(array_agg(profile_id), NULL)
FROM by_business
GROUP BY 1, 2, 3
