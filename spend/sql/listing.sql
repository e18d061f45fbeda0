-- The judged payments that fit what a person asks for, added up by outcome and currency. Each row also has the numbers
-- of the newest ones, from the one after a place in the list on: so both are found in one reading.
WITH RECURSIVE {judged}, fitting AS MATERIALIZED (
    SELECT external_id, paid_on, profile_id, outcome, currency, amount
    FROM judged
    WHERE outcome = ANY (%(wanted)s)
        AND %(kind)s IN ('', kind)
        AND %(in_currency)s IN ('', currency)
        AND %(number)s IN ('', external_id)
        AND (%(cost_center)s = '' OR upper(cost_center) = upper(%(cost_center)s))
        AND (%(category)s = '' OR upper(category) = upper(%(category)s))
        AND (%(file)s::bigint IS NULL OR file_id = %(file)s)
        AND (%(payees)s::bigint[] IS NULL OR profile_id = ANY (%(payees)s))
), page AS (
    SELECT external_id
    FROM fitting
    WHERE %(after_day)s::date IS NULL OR (paid_on, external_id COLLATE "C") < (%(after_day)s, %(after_number)s)
    ORDER BY paid_on DESC, external_id COLLATE "C" DESC
    LIMIT %(most)s
)
SELECT
    outcome,
    currency,
    sum(amount),
    count(*)::bigint,
    array_remove(array_agg(DISTINCT profile_id), NULL),
    ARRAY(TABLE page) AS page
FROM fitting
GROUP BY 1, 2
