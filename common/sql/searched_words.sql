-- The words of a text, and those with joined parts as one word, too: "co op coop" of Co-op.
-- It keeps the path by which it finds `folded`: PostgreSQL analyzes and builds indexes with an empty one.
CREATE OR REPLACE FUNCTION searched_words(text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path FROM CURRENT AS $$
DECLARE spelled text := folded($1) || coalesce(' ' || folded(spelled_out($1)), '');
BEGIN
    RETURN regexp_replace(spelled, '[^[:alnum:]]+', ' ', 'g') || CASE
        WHEN spelled ~ :'joined_parts' THEN
            ' ' || regexp_replace(translate(spelled, :'joiners', ''), '[^[:alnum:]]+', ' ', 'g')
        ELSE '' END;
END $$;
