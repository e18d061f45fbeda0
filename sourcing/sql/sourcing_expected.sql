-- What each row of the listing of all active profiles must be.
CREATE VIEW sourcing_expected AS
SELECT
    profile.id AS profile_id,
    profile.updated_at AS active_at,
    left(folded(profile.name), :name_letters) AS name_key,
    profile.state,
    profile.hourly_rate,
    profile.search || array_to_tsvector(
        ARRAY['~kind/' || profile.kind, '~state/' || profile.state]
        || ARRAY(SELECT '~skill/' || translate(folded(skill), :'joiners', '') FROM unnest(profile.skills) AS skill)
        || ARRAY(SELECT '~name/' || lexeme FROM unnest(ts_filter(profile.search, '{a}')))
    ) AS terms
FROM :profile_table AS profile
WHERE profile.is_active;
