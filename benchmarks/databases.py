"""The databases that the benchmarks read: made and filled on the first run, kept for the next."""

import hashlib
import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from devtools.embedded_postgres import server

ROOT = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("DATA_DIR", ROOT / ".data"))
# A database made from other migrations or other filling is made anew.
MADE_FROM = ["*/migrations/*.py", "*/sql/*.sql", "devtools/demo/filling.py", "certifications/catalogue/*"]
HOST = "bench.example"


class Server:
    """A PostgreSQL server: the one of DATABASE_URL, else the embedded one, held running by this process."""

    def __init__(self):
        self.given = os.environ.get("DATABASE_URL", "")
        if not self.given:
            folder = DATA_DIR / "postgres"
            server.ensure_running(folder)
            where = f"host={quote(str(server.socket_folder(folder)))}&port={server.PORT}"
            self.given = f"postgres://{server.SUPERUSER}@/postgres?{where}"

    def url(self, database):
        return urlunsplit(urlsplit(self.given)._replace(path=f"/{database}"))

    def empty(self, name):
        """The address of a new database."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            database = sql.Identifier(name)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(database))
        return self.url(name)

    def filled(self, profiles, certified=20):
        """The address of a database with that many profiles, and so many percent of them certified.

        Made if it is not there.
        """
        name = f"bench_{profiles}_{certified}"
        made_from = _fingerprint()
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            found = connection.execute(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
            ).fetchone()
            if found != (made_from,):
                database = sql.Identifier(name)
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
                connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(database))
                print(f"Filling {name}, once…", file=sys.stderr)
                environment = production(self.url(name)) | {"DEBUG": "true"}
                for command in (["migrate", "--verbosity=0"], ["fill", str(profiles), "--certified", str(certified)]):
                    manage(*command, environment=environment)
                with psycopg.connect(self.url(name), autocommit=True) as filled:
                    filled.execute("VACUUM ANALYZE")  # as a database that has been there for a while
                connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(database, sql.Literal(made_from)))
        return self.url(name)


class Process:
    """A process that runs a module of the benchmarks on the database at `url`, and answers a line of JSON with one."""

    def __init__(self, module, url):
        self.module = module
        self.process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env=production(url),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdin
        assert self.process.stdout
        self.questions, self.answers = self.process.stdin, self.process.stdout

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.questions.close()
        self.process.wait(timeout=30)

    def ask(self, *question):
        self.questions.write(json.dumps(question) + "\n")
        self.questions.flush()
        line = self.answers.readline()
        if not line:
            raise SystemExit(f"{self.module} failed at {question}.")
        return json.loads(line)


def production(url):
    """The environment of a production server on the database at `url`, behind one proxy."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "benchmarks.settings"),
        "DEBUG": "false",
        "DATABASE_URL": url,
        "SECRET_KEY": _SECRET_KEY,
        "ALLOWED_HOSTS": HOST,
        "SITE_URL": f"https://{HOST}",
        "EMAIL_URL": "smtp://localhost:25",
        "TRUSTED_PROXY_COUNT": "1",
        "STATIC_ROOT": str(DATA_DIR / "bench-static"),
        "LOG_LEVEL": "WARNING",
    }


def manage(*command, environment):
    subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True, stdout=sys.stderr)


def _fingerprint():
    digest = hashlib.sha256()
    for pattern in MADE_FROM:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file():
                digest.update(path.read_bytes())
    return digest.hexdigest()


_SECRET_KEY = secrets.token_urlsafe(60)
