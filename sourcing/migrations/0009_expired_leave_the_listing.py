"""Who has expired leaves the listing of the certified: else searches would step over more of them each year.

Two days later, when it is so in every owner's time zone. No row is written of them any more, and the hourly `due` removes
those whose last day has passed since; until it does, a search passes them over by their `valid_until`.
"""

from django.db import migrations

VIEW = """
CREATE OR REPLACE VIEW sourcing_certified_expected AS
SELECT profile_id, active_at, name_key, state, hourly_rate, sourcing_first(terms, 2200) AS terms, valid_until
FROM sourcing_certified_whole
WHERE valid_until >= (now() AT TIME ZONE 'UTC')::date - 2;
"""
LEAVE = "DELETE FROM sourcing_certifiedlisting WHERE valid_until < (now() AT TIME ZONE 'UTC')::date - 2;"


class Migration(migrations.Migration):

    dependencies = [
        ('sourcing', '0008_walked_listing'),
    ]

    operations = [
        migrations.RunSQL(VIEW),
        migrations.RunSQL(LEAVE),
    ]
