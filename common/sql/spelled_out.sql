-- A text with ü and its like in two letters each. Null if it has none.
CREATE OR REPLACE FUNCTION spelled_out(text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE composed text;
BEGIN
    IF octet_length($1) = char_length($1) THEN
        RETURN NULL;
    END IF;
    composed := lower(normalize($1, NFC));
    IF composed !~ :'spelled_out' THEN
        RETURN NULL;
    END IF;
    RETURN :composed_spelled_out;
END $$;
