"""The column that the views of the listing read is about to be made anew; migration 0011 brings the views back."""

from django.db import migrations

DROP = "DROP VIEW sourcing_certified_expected, sourcing_certified_whole, sourcing_expected;"


class Migration(migrations.Migration):
    dependencies = [("sourcing", "0009_expired_leave_the_listing")]
    run_before = [("profiles", "0004_folded_search")]

    operations = [migrations.RunSQL(DROP)]
