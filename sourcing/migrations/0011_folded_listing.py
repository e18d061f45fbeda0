"""The listing's words and skills are folded as searches compare them, and its names in the order of the folded ones.

A folded name may be longer than the name. It is cut at 100 letters, so that an entry of an index holds it, as
migration 0008 counts.
"""

from django.db import migrations

OF_PROFILE = """
p.id AS profile_id, p.updated_at AS active_at, left(folded(p.name), 100) AS name_key, p.state, p.hourly_rate,
p.search || array_to_tsvector(
    ARRAY['~kind/' || p.kind, '~state/' || p.state]
    || ARRAY(SELECT '~skill/' || translate(folded(skill), '''.-', '') FROM unnest(p.skills) AS skill)
    || ARRAY(SELECT '~name/' || lexeme FROM unnest(ts_filter(p.search, '{a}')))
    || %s
) AS terms
"""
VIEWS = f"""
CREATE VIEW sourcing_expected AS
SELECT {OF_PROFILE % "'{}'::text[]"} FROM profiles_profile AS p WHERE p.is_active;

CREATE VIEW sourcing_certified_whole AS
SELECT {OF_PROFILE % "c.terms"}, c.valid_until
FROM profiles_profile AS p
CROSS JOIN LATERAL (
    SELECT max(CASE WHEN c.expires_on IS NULL THEN DATE '9999-12-31'
                    WHEN c.renewal_filed_on IS NULL THEN c.expires_on ELSE c.expires_on + 180 END) AS valid_until,
           array_agg(DISTINCT term) AS terms
    FROM certifications_certification AS c
    JOIN certifications_certificate AS t ON t.id = c.certificate_id
    CROSS JOIN LATERAL unnest(
        ARRAY['~type/' || c.type_id, '~certificate/' || c.certificate_id, '~body/' || t.body_id]
        || ARRAY(
            SELECT '~step/' || step FROM generate_series(1, (
                SELECT max(e.step) FROM certifications_evidence AS e
                WHERE e.certification_id = c.id AND e.ended_at IS NULL
            )) AS step
        )
    ) AS term
    WHERE c.profile_id = p.id AND c.withdrawn_at IS NULL AND c.standing = 'good'
    HAVING count(*) > 0
) AS c
WHERE p.is_active AND EXISTS (
    SELECT FROM certifications_consent AS f WHERE f.profile_id = p.id AND f.purpose = 'find' AND f.is_given
);

CREATE VIEW sourcing_certified_expected AS
SELECT profile_id, active_at, name_key, state, hourly_rate, sourcing_first(terms, 2200) AS terms, valid_until
FROM sourcing_certified_whole
WHERE valid_until >= (now() AT TIME ZONE 'UTC')::date - 2;
"""
FILL = """
TRUNCATE sourcing_listing, sourcing_certifiedlisting;
SELECT sourcing_refresh(ARRAY(SELECT id FROM profiles_profile));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("profiles", "0004_folded_search"),
        ("sourcing", "0010_views_make_way"),
    ]
    # It changes rows, which the triggers of the listing follow by these views.
    run_before = [("profiles", "0005_territories_in_us")]

    operations = [migrations.RunSQL(VIEWS), migrations.RunSQL(FILL)]
