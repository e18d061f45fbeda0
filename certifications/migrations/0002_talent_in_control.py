import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("certifications", "0001_initial"), ("profiles", "0002_cache_table")]

    operations = [
        pgtrigger.migrations.RemoveTrigger(model_name="certification", name="insert_insert"),
        pgtrigger.migrations.RemoveTrigger(model_name="certification", name="update_update"),
        pgtrigger.migrations.RemoveTrigger(model_name="certification", name="delete_delete"),
        migrations.RenameField("certification", "audience", "agreed_plans"),
        migrations.RenameField("certificationevent", "audience", "agreed_plans"),
    ]
