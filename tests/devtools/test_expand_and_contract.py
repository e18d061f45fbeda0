"""Migrations that the release before could not run beside are refused."""

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.core.management import CommandError, call_command
from django.db import migrations, models
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import Q

from devtools import expand_and_contract

AddField, AlterField = migrations.AddField, migrations.AlterField
INDEX = models.Index(fields=["name"], name="by_name")
CHECK = models.CheckConstraint(condition=~Q(name=""), name="is_named")
UNIQUE = models.UniqueConstraint(fields=["name"], name="named_once")
NOTE = models.CharField(max_length=9, null=True)


def objections(*operations):
    thing = ModelState(
        "app", "Thing", [("id", models.AutoField(primary_key=True)), ("name", models.CharField(max_length=9))]
    )
    state = ProjectState()
    state.add_model(thing)
    migration = migrations.Migration("0002_later", "app")
    migration.operations = list(operations)
    return [found.why for found in expand_and_contract.objections_to(migration, state)]


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        (migrations.RemoveField("thing", "name"), "the release before still uses it"),
        (migrations.DeleteModel("Thing"), "the release before still uses it"),
        (migrations.RenameField("thing", "name", "title"), "the release before uses the old name"),
        (migrations.RenameModel("Thing", "Matter"), "the release before uses the old name"),
        (AddField("thing", "size", models.IntegerField(default=0)), "the release before inserts rows without it"),
        (AlterField("thing", "name", models.CharField(max_length=5)), "it may lock or rewrite the table"),
        (migrations.AddIndex("thing", INDEX), "it stops writes"),
        (migrations.AddConstraint("thing", CHECK), "it locks the table while all rows are checked"),
        (migrations.AddConstraint("thing", UNIQUE), "it locks the table while its index is built"),
        (migrations.RunSQL("SELECT 1"), "it cannot be read here"),
    ],
)  # fmt: skip
def test_a_migration_that_breaks_or_blocks_the_previous_release_is_refused(operation, why):
    [found] = objections(operation)

    assert found.startswith(why)


@pytest.mark.parametrize(
    "operation",
    [
        AddField("thing", "note", NOTE),
        AddField("thing", "size", models.IntegerField(default=0, db_default=0)),
        AlterField("thing", "name", models.CharField("the name", max_length=9, help_text="Of it.")),
        AddIndexConcurrently("thing", INDEX),
        AddConstraintNotValid("thing", CHECK),
        migrations.RunPython(migrations.RunPython.noop),
    ],
)
def test_a_migration_that_the_previous_release_does_not_notice_is_allowed(operation):
    assert objections(operation) == []


def test_a_table_created_in_the_same_migration_is_used_by_no_one_yet():
    fields = [("id", models.AutoField(primary_key=True)), ("name", models.CharField(max_length=9))]

    assert objections(migrations.CreateModel("New", fields), migrations.AddIndex("new", INDEX)) == []


def test_rows_are_changed_in_a_migration_of_their_own():
    [found] = objections(AddField("thing", "note", NOTE), migrations.RunPython(migrations.RunPython.noop))

    assert found.startswith("rows are changed while tables are locked")


def test_a_check_is_validated_by_a_migration_that_follows():
    assert objections(AddConstraintNotValid("thing", CHECK), ValidateConstraint("thing", "is_named")) == []


def test_the_project_s_own_migrations_are_allowed(monkeypatch):
    call_command("lint_migrations")
    monkeypatch.setattr(expand_and_contract, "objections", lambda: ["app.0002: Remove field name: in use."])

    with pytest.raises(CommandError, match=r"(?s)^app\.0002: .*say why in its `is_safe_because`"):
        call_command("lint_migrations")
