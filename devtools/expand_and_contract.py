"""Whether migrations can be applied while the release before serves: expand first, contract a release later."""

from collections.abc import Iterator
from typing import NamedTuple

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import DEFAULT_DB_ALIAS, connections, migrations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED, GeneratedField
from django.db.models.constraints import CheckConstraint

# A migration that needs what is refused here says why it does no harm, in an attribute of this name.
REASON = "is_safe_because"

IN_USE = "the release before still uses it: remove it a release after the last code that names it"
RENAMED = "the release before uses the old name: add the new one, copy, and remove the old one a release later"
REFUSED: dict[type[Operation], str] = {
    migrations.RemoveField: IN_USE,
    migrations.DeleteModel: IN_USE,
    migrations.RenameField: RENAMED,
    migrations.RenameModel: RENAMED,
    migrations.AlterModelTable: RENAMED,
    migrations.AlterUniqueTogether: "it locks the table while the index is built: use a UniqueConstraint",
    migrations.RunSQL: "it cannot be read here",
}


class Objection(NamedTuple):
    """A migration that does not say why it is safe, an operation of it, and what is wrong with that."""

    app: str
    name: str
    operation: str
    why: str

    def __str__(self) -> str:
        return f"{self.app}.{self.name}: {self.operation}: {self.why}."


def objections() -> Iterator[Objection]:
    """Yield what is wrong with the project's own migrations, other than each app's first tables."""
    loader = MigrationLoader(None)
    for (label, name), migration in sorted((loader.disk_migrations or {}).items()):
        is_ours = settings.BASE_DIR.samefile(apps.get_app_config(label).path + "/..")
        if is_ours and not migration.initial and not hasattr(migration, REASON):
            yield from objections_to(migration, loader.project_state((label, name), at_end=False))


def objections_to(migration: migrations.Migration, state: ProjectState) -> Iterator[Objection]:
    """Yield what is wrong with a migration that follows `state`."""
    new = {operation.name_lower for operation in migration.operations if isinstance(operation, migrations.CreateModel)}
    changes_rows = any(isinstance(operation, migrations.RunPython) for operation in migration.operations)
    if changes_rows and not all(isinstance(operation, migrations.RunPython) for operation in migration.operations):
        why = "rows are changed while tables are locked: make it a migration of its own"
        yield Objection(migration.app_label, migration.name, "RunPython", why)
    for operation in migration.operations:
        model = getattr(operation, "model_name_lower", None) or getattr(operation, "model_name", "").lower()
        why = "" if model in new else objection(operation, migration.app_label, state)
        if why:
            yield Objection(migration.app_label, migration.name, operation.describe(), why)
        operation.state_forwards(migration.app_label, state)


def objection(operation: Operation, app: str, state: ProjectState) -> str:
    """Return what is wrong with an operation on a table that is in use, or ""."""
    match operation:
        case migrations.AddField(field=GeneratedField()):
            return "it writes the whole table anew under a lock"
        case migrations.AddField(field=field) if not (
            field.null or field.many_to_many or field.db_default is not NOT_PROVIDED
        ):
            return "the release before inserts rows without it: give it null or a db_default"
        case migrations.AlterField() if _changes_database(operation, app, state):
            return "it may lock or rewrite the table, or refuse what the release before writes"
        case migrations.AddIndex() if not isinstance(operation, AddIndexConcurrently):
            return "it stops writes while the index is built: use AddIndexConcurrently"
        case migrations.AddConstraint(constraint=CheckConstraint()) if not isinstance(operation, AddConstraintNotValid):
            return "it locks the table while all rows are checked: use AddConstraintNotValid, then ValidateConstraint"
        case migrations.AddConstraint() if not isinstance(operation, AddConstraintNotValid):
            return "it locks the table while its index is built"
    return REFUSED.get(type(operation), "")


def _changes_database(operation: migrations.AlterField, app: str, state: ProjectState) -> bool:
    """Return True unless only words or choices change."""
    before = state.apps.get_model(app, operation.model_name)._meta.get_field(operation.name)
    after_state = state.clone()
    operation.state_forwards(app, after_state)
    after = after_state.apps.get_model(app, operation.model_name)._meta.get_field(operation.name)
    editor = connections[DEFAULT_DB_ALIAS].schema_editor(collect_sql=True, atomic=False)
    return editor._field_should_be_altered(before, after)  # type: ignore[attr-defined]
