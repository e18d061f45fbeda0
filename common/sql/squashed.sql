-- A text folded and without spaces and punctuation: in both of its spellings with a space between, if it has two.
CREATE OR REPLACE FUNCTION squashed(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(folded($1), :'punctuation', '') || coalesce(' ' || translate(folded(spelled_out($1)), :'punctuation', ''), '');
