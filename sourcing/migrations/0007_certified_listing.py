"""The listing of certified profiles becomes a table of its own, so that the database knows how frequent each term is
there: in one table with everybody a type that one in five certified profiles has looks as rare as one in a hundred.

`sourcing_expected` and `sourcing_certified_expected` say what each row must be. In `terms` are the words of the profile
and, each as one lexeme that begins with a tilde, as no word does: its kind, state and skills, and the words of its name;
in the second also, if its owner agreed to be found by them, the type, certificate and body of each certification that
is neither withdrawn nor suspended nor refused, and each step up to its highest. Whom that shows to whom is for the rule
alone, see sourcing/search.py.

`valid_until` is the last day on which one of them may be shown: its own, or with a renewal filed 180 days later.

The triggers are those of migration 0002, and fire once a statement. What is done to certifications, consents and
evidence changes the second table only. Both functions first take the rows of the profiles, in the order of their keys:
of two that change something about the same profile at once, the second then reads what the first wrote.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models


COLUMNS = ["active_at", "name_key", "state", "hourly_rate", "terms"]
OF_PROFILE = """
p.id AS profile_id, p.updated_at AS active_at, lower(p.name) AS name_key, p.state, p.hourly_rate,
p.search || array_to_tsvector(
    ARRAY['~kind/' || p.kind, '~state/' || p.state]
    || ARRAY(SELECT '~skill/' || lower(skill) FROM unnest(p.skills) AS skill)
    || ARRAY(SELECT '~name/' || lexeme FROM unnest(ts_filter(p.search, '{a}')))
    || %s
) AS terms
"""
VIEWS = f"""
CREATE VIEW sourcing_expected AS
SELECT {OF_PROFILE % "'{}'::text[]"} FROM profiles_profile AS p WHERE p.is_active;

CREATE VIEW sourcing_certified_expected AS
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
"""


def write(table, view, columns):
    """The statements that make a table's rows of `profiles` what the view says, and touch no row that is right."""
    names = ", ".join(columns)
    listed, excluded = (", ".join(f"{alias}.{name}" for name in columns) for alias in ("listed", "EXCLUDED"))
    return f"""
    INSERT INTO {table} AS listed (profile_id, {names})
    SELECT profile_id, {names} FROM {view} WHERE profile_id = ANY(profiles)
    ON CONFLICT (profile_id) DO UPDATE SET ({names}) = ({excluded})
    WHERE ({listed}) IS DISTINCT FROM ({excluded});
    DELETE FROM {table} AS listed
    WHERE profile_id = ANY(profiles) AND NOT EXISTS (SELECT FROM {view} AS e WHERE e.profile_id = listed.profile_id);
    """


FUNCTIONS = f"""
CREATE FUNCTION sourcing_refresh_certified(profiles bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(profiles) = 0 THEN
        RETURN;
    END IF;
    PERFORM FROM profiles_profile WHERE id = ANY(profiles) ORDER BY id FOR NO KEY UPDATE;
    {write("sourcing_certifiedlisting", "sourcing_certified_expected", [*COLUMNS, "valid_until"])}
END $$;

CREATE OR REPLACE FUNCTION sourcing_refresh(profiles bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(profiles) = 0 THEN
        RETURN;
    END IF;
    PERFORM FROM profiles_profile WHERE id = ANY(profiles) ORDER BY id FOR NO KEY UPDATE;
    {write("sourcing_listing", "sourcing_expected", COLUMNS)}
    PERFORM sourcing_refresh_certified(profiles);
END $$;

CREATE OR REPLACE FUNCTION sourcing_follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE profiles bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        profiles := ARRAY(SELECT DISTINCT profile_id FROM new_rows);
    ELSIF TG_OP = 'DELETE' THEN
        profiles := ARRAY(SELECT DISTINCT profile_id FROM old_rows);
    ELSE
        profiles := ARRAY(SELECT profile_id FROM new_rows UNION SELECT profile_id FROM old_rows);
    END IF;
    PERFORM sourcing_refresh_certified(profiles);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION sourcing_follow_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE records bigint[]; profiles bigint[];
BEGIN
    IF TG_OP = 'DELETE' THEN
        records := ARRAY(SELECT certification_id FROM old_rows);
    ELSE
        records := ARRAY(SELECT certification_id FROM new_rows);
    END IF;
    profiles := ARRAY(SELECT DISTINCT profile_id FROM certifications_certification WHERE id = ANY(records));
    PERFORM sourcing_refresh_certified(profiles);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION sourcing_follow_certificate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sourcing_refresh_certified(ARRAY(
        SELECT DISTINCT c.profile_id FROM new_rows AS n JOIN old_rows AS o ON o.id = n.id
        JOIN certifications_certification AS c ON c.certificate_id = n.id WHERE o.body_id <> n.body_id
    ));
    RETURN NULL;
END $$;
"""
FILL = "TRUNCATE sourcing_listing; SELECT sourcing_refresh(ARRAY(SELECT id FROM profiles_profile));"


class Migration(migrations.Migration):

    dependencies = [
        ('profiles', '0002_cache_table'),
        ('sourcing', '0006_exports'),
    ]

    operations = [
        migrations.RunSQL("DROP VIEW sourcing_expected;"),
        migrations.CreateModel(
            name='CertifiedListing',
            fields=[
                ('profile', models.OneToOneField(on_delete=django.db.models.deletion.DB_CASCADE, primary_key=True, related_name='+', serialize=False, to='profiles.profile')),
                ('active_at', models.DateTimeField()),
                ('name_key', models.TextField()),
                ('state', models.CharField(max_length=2)),
                ('hourly_rate', models.DecimalField(decimal_places=2, max_digits=6, null=True)),
                ('terms', django.contrib.postgres.search.SearchVectorField()),
                ('valid_until', models.DateField()),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.RemoveIndex(
            model_name='listing',
            name='listing_certified_active',
        ),
        migrations.RemoveIndex(
            model_name='listing',
            name='listing_certified_name',
        ),
        migrations.RemoveIndex(
            model_name='listing',
            name='listing_certified_terms',
        ),
        migrations.AlterField(
            model_name='listing',
            name='profile',
            field=models.OneToOneField(on_delete=django.db.models.deletion.DB_CASCADE, primary_key=True, related_name='+', serialize=False, to='profiles.profile'),
        ),
        migrations.AddIndex(
            model_name='certifiedlisting',
            index=models.Index(fields=['-active_at', '-profile'], name='listing_certified_active'),
        ),
        migrations.AddIndex(
            model_name='certifiedlisting',
            index=models.Index(fields=['name_key', 'profile'], name='listing_certified_name'),
        ),
        migrations.AddIndex(
            model_name='certifiedlisting',
            index=django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['terms'], name='listing_certified_terms'),
        ),
        migrations.RemoveField(
            model_name='listing',
            name='is_certified',
        ),
        migrations.RemoveField(
            model_name='listing',
            name='valid_until',
        ),
        migrations.RunSQL(VIEWS),
        migrations.RunSQL(FUNCTIONS),
        migrations.RunSQL(FILL),
    ]
