"""Django's PostgreSQL backend, on a server that starts automatically."""

from pathlib import Path
from typing import Any

import psycopg
from django.db.backends.postgresql import base, client
from django.db.utils import OperationalError
from psycopg import sql

from devtools.embedded_postgres import server


class DatabaseClient(client.DatabaseClient):
    """`manage.py dbshell`, with the server's own psql."""

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: list[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        where = {
            "HOST": str(server.socket_folder(Path(settings_dict["HOST"]))),
            "PORT": server.PORT,
            "USER": server.SUPERUSER,
        }
        command, environment = super().settings_to_cmd_args_env({**settings_dict, **where}, parameters)
        return [str(server.binaries() / command[0]), *command[1:]], environment

    def runshell(self, parameters: list[str]) -> None:
        self.connection.ensure_connection()
        super().runshell(parameters)


class DatabaseWrapper(base.DatabaseWrapper):
    client_class = DatabaseClient

    @property
    def _folder(self) -> Path:
        return Path(self.settings_dict["HOST"])

    def get_connection_params(self) -> dict[str, Any]:
        return {
            **super().get_connection_params(),
            "user": server.SUPERUSER,
            "host": str(server.socket_folder(self._folder)),
            "port": server.PORT,
        }

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect. The server is started before the process's first connection, and whenever it is gone."""
        try:
            if not server.is_used(self._folder):
                server.ensure_running(self._folder)
            try:
                return super().get_new_connection(conn_params)
            except psycopg.OperationalError:
                server.ensure_running(self._folder)
                self._create_database(conn_params)
                return super().get_new_connection(conn_params)
        except server.EmbeddedServerError as error:
            raise OperationalError(str(error)) from error

    def _create_database(self, conn_params: dict[str, Any]) -> None:
        """Create the database if it is missing. The test runner creates, and expects to miss, those for tests."""
        if conn_params["dbname"].startswith("test_"):
            return
        where = {key: conn_params[key] for key in ("user", "host", "port")}
        with psycopg.connect(**where, dbname="postgres", autocommit=True) as connection:
            try:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(conn_params["dbname"])))
            except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                return  # it was there, or another process made it just now
