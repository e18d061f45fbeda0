-- A text in small letters without accents, those of Latin, Greek and Cyrillic in ASCII. As `folded` does in Python.
-- It leaves early where nothing but ASCII is left, since most names are that. It is not in the language SQL, which
-- PostgreSQL would read again at each call.
CREATE OR REPLACE FUNCTION folded(text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE spelled text;
BEGIN
    IF octet_length($1) = char_length($1) THEN
        RETURN lower($1);
    END IF;
    spelled := normalize(translate($1, :'signs', :'signs_as_typed'), NFKD);
    spelled := lower(normalize(regexp_replace(spelled, :'marks', '', 'g'), NFKC));
    IF octet_length(spelled) = char_length(spelled) THEN
        RETURN spelled;
    END IF;
    spelled := translate(spelled, :'letters', :'letters_in_ascii');
    -- Those that are spelled with more than one letter.
    RETURN :spelled_with_more;
END $$;
