"""Names with ü and its like are found by both of their spellings, see common/searching.py.

What is stored by the functions is made anew where it may differ: a generated column with each row that is written.
"""

from django.db import migrations

from common.searching import FOLDED_SQL

STORED_ANEW = """
UPDATE profiles_profile SET name = name WHERE concat(name, headline, skills) ~ '[^ -~]';
UPDATE profiles_client SET name = name WHERE name ~ '[^ -~]';
"""


class Migration(migrations.Migration):
    dependencies = [("profiles", "0006_typed_text")]

    operations = [
        migrations.RunSQL(FOLDED_SQL, migrations.RunSQL.noop),
        migrations.RunSQL(STORED_ANEW, migrations.RunSQL.noop),
    ]
