"""The functions by which searches compare text, see common/searching.py."""

from django.db import migrations

from common.searching import FOLDED_SQL

# An older database has not got all of them.
DROP = "DROP FUNCTION IF EXISTS searched_words(text), squashed(text), spelled_out(text), folded(text);"


class Migration(migrations.Migration):
    dependencies = [("profiles", "0002_cache_table")]

    operations = [migrations.RunSQL(FOLDED_SQL, DROP)]
