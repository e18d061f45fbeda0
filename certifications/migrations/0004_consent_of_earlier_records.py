from django.db import migrations

# Whoever saved a certification so far was shown, on that page, who would see it, and agreed by saving.
AGREED = """
INSERT INTO certifications_consent
    (profile_id, purpose, is_given, version, plans, declined_version, declined_plans, decided_at, decided_by_id)
SELECT DISTINCT ON (profile_id)
    profile_id, 'show', true, '2026-11', agreed_plans, '', '{}', attested_at, attested_by_id
FROM certifications_certification
ORDER BY profile_id, attested_at DESC, id DESC
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("certifications", "0003_sharing")]

    operations = [migrations.RunSQL(AGREED, migrations.RunSQL.noop)]
