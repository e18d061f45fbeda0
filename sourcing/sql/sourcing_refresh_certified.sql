-- Makes the rows of some profiles in the listing of certified profiles what they must be. Leaves right ones alone.
CREATE OR REPLACE FUNCTION sourcing_refresh_certified(profiles bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Of two changes to one profile at once, the second waits here, and then reads what the first wrote.
    PERFORM FROM :profile_table WHERE id = ANY(profiles) ORDER BY id FOR NO KEY UPDATE;
    INSERT INTO :certified_listing_table AS listed
        (profile_id, active_at, name_key, state, hourly_rate, terms, valid_until)
    SELECT profile_id, active_at, name_key, state, hourly_rate, terms, valid_until
    FROM sourcing_certified_expected WHERE profile_id = ANY(profiles)
    ON CONFLICT (profile_id) DO UPDATE SET
        (active_at, name_key, state, hourly_rate, terms, valid_until)
        = (EXCLUDED.active_at, EXCLUDED.name_key, EXCLUDED.state, EXCLUDED.hourly_rate, EXCLUDED.terms,
           EXCLUDED.valid_until)
    WHERE (listed.active_at, listed.name_key, listed.state, listed.hourly_rate, listed.terms, listed.valid_until)
        IS DISTINCT FROM
          (EXCLUDED.active_at, EXCLUDED.name_key, EXCLUDED.state, EXCLUDED.hourly_rate, EXCLUDED.terms,
           EXCLUDED.valid_until);
    DELETE FROM :certified_listing_table AS listed
    WHERE profile_id = ANY(profiles)
        AND NOT EXISTS (SELECT FROM sourcing_certified_expected AS e WHERE e.profile_id = listed.profile_id);
END $$;
