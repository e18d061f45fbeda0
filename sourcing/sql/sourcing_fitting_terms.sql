-- The terms that have room in `most` bytes, without places of words: all filters, then the words of the name, the skills
-- as a whole, and the words of the headline and the skills in their order. Words have places and weights, unlike the
-- others. A term takes four bytes more than its text, and all together eight.
CREATE OR REPLACE FUNCTION sourcing_fitting_terms(terms tsvector, most integer) RETURNS tsvector
LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT CASE WHEN pg_column_size(strip(terms)) <= most THEN strip(terms) ELSE (
    SELECT array_to_tsvector(array_agg(lexeme)) FROM (
        SELECT lexeme, 8 + sum(octet_length(lexeme) + 4) OVER (
            ORDER BY CASE WHEN lexeme LIKE '~skill/%' THEN 2 WHEN positions IS NULL THEN 0
                          WHEN 'A' = ANY (weights) THEN 1 ELSE 3 END, positions[1], lexeme COLLATE "C"
        ) AS size FROM unnest(terms)
    ) AS entry WHERE size <= most
) END $$;
