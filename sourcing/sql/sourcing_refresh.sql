-- Makes the rows of some profiles in both listings what they must be. Leaves right ones alone.
CREATE OR REPLACE FUNCTION sourcing_refresh(profiles bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Of two changes to one profile at once, the second waits here, and then reads what the first wrote.
    PERFORM FROM :profile_table WHERE id = ANY(profiles) ORDER BY id FOR NO KEY UPDATE;
    INSERT INTO :listing_table AS listed (profile_id, active_at, name_key, state, hourly_rate, terms)
    SELECT profile_id, active_at, name_key, state, hourly_rate, terms
    FROM sourcing_expected WHERE profile_id = ANY(profiles)
    ON CONFLICT (profile_id) DO UPDATE SET
        (active_at, name_key, state, hourly_rate, terms)
        = (EXCLUDED.active_at, EXCLUDED.name_key, EXCLUDED.state, EXCLUDED.hourly_rate, EXCLUDED.terms)
    WHERE (listed.active_at, listed.name_key, listed.state, listed.hourly_rate, listed.terms)
        IS DISTINCT FROM
          (EXCLUDED.active_at, EXCLUDED.name_key, EXCLUDED.state, EXCLUDED.hourly_rate, EXCLUDED.terms);
    DELETE FROM :listing_table AS listed
    WHERE profile_id = ANY(profiles)
        AND NOT EXISTS (SELECT FROM sourcing_expected AS e WHERE e.profile_id = listed.profile_id);
    PERFORM sourcing_refresh_certified(profiles);
END $$;
