-- A generated column takes immutable functions only, and array_to_string is not declared one for all types.
CREATE OR REPLACE FUNCTION text_array_join(words text[], separator text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN array_to_string(words, separator);
