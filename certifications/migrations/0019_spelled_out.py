"""Legal names with ü and its like are found by both of their spellings: the index on their words is made anew."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0018_history_of_documents"),
        ("profiles", "0007_spelled_out"),
    ]

    operations = [migrations.RunSQL("REINDEX INDEX certification_legal_name", migrations.RunSQL.noop)]
