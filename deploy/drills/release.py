"""A next release of the site: the same code with two migrations that expand a table which everyone in a drill uses."""

from pathlib import Path
from shutil import copytree

from deploy.drills.site import PROJECT

SETTINGS = """
from marketplace.settings import *

MIGRATION_MODULES = {"profiles": "next_release.migrations"}
"""
COLUMN = """
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("profiles", "FORMER")]
    operations = [
        migrations.AddField("workhistory", "remark", models.CharField(max_length=80, default="", db_default=""))
    ]
"""
INDEX = """
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("profiles", "9001_column")]
    operations = [AddIndexConcurrently("workhistory", models.Index(fields=["remark"], name="workhistory_remark"))]
"""


def next_release(folder: Path) -> dict[str, str]:
    """Write the release into `folder`, and return the settings with which the site's processes are it."""
    package = folder / "next_release"
    migrations = copytree(PROJECT / "profiles" / "migrations", package / "migrations")
    (package / "settings.py").write_text(SETTINGS)
    former = max(path.stem for path in migrations.glob("[0-9]*.py"))
    (migrations / "9001_column.py").write_text(COLUMN.replace("FORMER", former))
    (migrations / "9002_index.py").write_text(INDEX)
    return {"DJANGO_SETTINGS_MODULE": "next_release.settings", "PYTHONPATH": str(folder)}
