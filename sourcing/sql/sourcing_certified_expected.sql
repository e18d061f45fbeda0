-- What each row of the listing of certified profiles must be: the row of the profile, with the terms of all its
-- certifications that may be shown to someone. Its last day is the latest of theirs.
CREATE VIEW sourcing_certified_expected AS
SELECT
    listed.profile_id,
    listed.active_at,
    listed.name_key,
    listed.state,
    listed.hourly_rate,
    sourcing_fitting_terms(listed.terms || array_to_tsvector(certified.terms), :most_bytes_of_terms) AS terms,
    certified.valid_until
FROM sourcing_expected AS listed
CROSS JOIN LATERAL (
    SELECT
        max(CASE WHEN certification.expires_on IS NULL THEN DATE '9999-12-31'
                 WHEN certification.renewal_filed_on IS NULL THEN certification.expires_on
                 ELSE certification.expires_on + :renewal_grace_days END) AS valid_until,
        array_agg(DISTINCT term) AS terms
    FROM :certification_table AS certification
    JOIN :certificate_table AS certificate ON certificate.id = certification.certificate_id
    CROSS JOIN LATERAL unnest(
        ARRAY[
            '~type/' || certification.type_id,
            '~certificate/' || certification.certificate_id,
            '~body/' || certificate.body_id
        ]
        -- Each step up to its highest, so that "at least this step" is one term.
        || ARRAY(
            SELECT '~step/' || step FROM generate_series(1, (
                SELECT max(evidence.step) FROM :evidence_table AS evidence
                WHERE evidence.certification_id = certification.id AND evidence.ended_at IS NULL
            )) AS step
        )
    ) AS term
    WHERE certification.profile_id = listed.profile_id
        AND certification.withdrawn_at IS NULL
        AND certification.standing = :'good_standing'
    HAVING count(*) > 0
) AS certified
WHERE certified.valid_until >= (now() AT TIME ZONE 'UTC')::date - :days_until_leaving
    AND EXISTS (
        SELECT FROM :consent_table AS consent
        WHERE consent.profile_id = listed.profile_id AND consent.purpose = :'purpose_find' AND consent.is_given
    );
