"""The database that every worker's is a copy of: migrated once, and kept as long as the schema stays as it is."""

from hashlib import sha256
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection

from common.searching import FUNCTIONS
from sourcing.listing import DEFINITIONS

PREFIX = "test_migrated_"
LOCK = 20_261_127  # workers take it in turn: the first one migrates, the others wait for it


def migrated_database():
    """Return the name of a database that is migrated and otherwise empty. Makes it if need be."""
    name = PREFIX + _fingerprint()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        found = {row[0] for row in cursor.fetchall()}
        if name not in found:
            for old in found:
                cursor.execute(f'DROP DATABASE "{old}"')
            _migrate(unfinished := f"{PREFIX}unfinished")
            cursor.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')
    return name


def _fingerprint() -> str:
    """Return a digest of all that a migrated database depends on.

    That is our migrations and models, whose fields may name their own columns, the SQL of functions and views, and the
    versions of packages, which have migrations, too.
    """
    folders = [Path(app.path) for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR]
    parts = ("migrations/*.py", "models/*.py", "models.py")
    digest = sha256((settings.BASE_DIR / "requirements" / "dev.txt").read_bytes())
    for path in sorted(path for folder in folders for part in parts for path in folder.glob(part)):
        digest.update(f"{path.relative_to(settings.BASE_DIR)} {path.stat().st_size} ".encode())
        digest.update(path.read_bytes())
    for definitions in (FUNCTIONS, DEFINITIONS):
        digest.update("".join(map(definitions.sql, definitions.names)).encode())
    return digest.hexdigest()[:16]


def _migrate(name):
    usual = connection.settings_dict["NAME"], connection.settings_dict["TEST"]["NAME"]
    connection.settings_dict["TEST"]["NAME"] = name
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    connection.close()
    connection.settings_dict["NAME"], connection.settings_dict["TEST"]["NAME"] = usual
    settings.DATABASES[connection.alias]["NAME"] = usual[0]
