"""What the tables of every app rest on: the functions that their columns call, and the table of the cache."""

from django.core.management import call_command
from django.db import migrations

from common.searching import FUNCTIONS


def create_functions(apps, schema_editor):
    """Create the functions by which searches compare text."""
    FUNCTIONS.install()


def create_cache_table(apps, schema_editor):
    """Create the table in which rate limits are counted."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    # Profiles are the first to have such columns. Their own first migration cannot say so: it is generated, and has to
    # be their first, since that of any app that refers to the user model rests on it.
    run_before = [("profiles", "__first__")]

    operations = [
        migrations.RunPython(create_functions),
        migrations.RunPython(create_cache_table),
    ]
