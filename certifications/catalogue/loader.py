"""Loading the catalogue. Loading it again updates rows that no one touched, and never overwrites changes by staff.

A type, body or certificate is ended by its dates. The administration refuses to delete it, because records name it.
A fact that staff deleted stays deleted, because its subject remembers the facts that it was given. A fact that is no
longer in the file is deleted, unless staff changed it.
"""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from certifications.models import Certificate, CertificationType, CertifyingBody, Fact
from certifications.models.catalogue import SeededModel
from certifications.sharing.clients import leave_unused

SOURCE = Path(__file__).with_name("catalogue.toml")
GIVEN = "facts"  # the name in a subject's `seeded` of the keys of the facts that it was given
LAST = 90  # the position of certificates whose body is typed, below all named ones

type Values = dict[str, Any]


@transaction.atomic
def load(source: Path = SOURCE) -> Counter[str]:
    """Write the catalogue of the TOML file `source`. Return how many rows were added, updated, removed and kept.

    If a field differs from what the loader wrote last, staff changed it, and it is kept.
    """
    with connection.cursor() as cursor:  # two loaders at once take turns
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('catalogue'))")
    data = tomllib.loads(Path(source).read_text())
    done: Counter[str] = Counter()
    known = set(CertificationType.objects.values_list("pk", flat=True))
    types = {key: _seed(CertificationType, key, row, done) for key, row in data["types"].items()}
    for type in types.values():
        if type.pk not in known:
            leave_unused(type)
    bodies = {key: _seed(CertifyingBody, key, _without_facts(row), done) for key, row in data["bodies"].items()}
    for key, row in data["bodies"].items():
        _seed_facts(row, {"body": bodies[key]}, done)
    for key, row in _certificates(data).items():
        values = _without_facts(row) | {"body": bodies[row["body"]], "type": types.get(row.get("type"))}
        certificate = _seed(Certificate, key, values, done)
        _seed_facts(row, {"certificate": certificate}, done)
    return done


def _certificates(data: Values) -> dict[str, Values]:
    """Return the file's certificates, and for each type one of a state or local agency and one of another body."""
    rows = {key: {"position": position, **row} for position, (key, row) in enumerate(data["certificates"].items())}
    for type in data["types"]:
        for position, body in enumerate(("state", "other"), start=LAST):
            name = data["bodies"][body]["name"]
            rows[f"{body}-{type}"] = {
                "body": body,
                "type": type,
                "name": name,
                "names_body": True,
                "may_not_expire": True,
                "position": position,
            }
    return rows


def _without_facts(row: Values) -> Values:
    return {name: value for name, value in row.items() if name != "facts"}


def _seed_facts(row: Values, about: Values, done: Counter[str]) -> None:
    """Bring the facts about one body or certificate in line with those in `row`. Each is known by its topic."""
    [(kind, subject)] = about.items()
    count: Counter[str] = Counter()
    wanted = {}
    for fact in row.get("facts", ()):
        count[fact["topic"]] += 1
        wanted[f"{kind}-{subject.key}-{fact['topic']}-{count[fact['topic']]}"] = fact
    present = {fact.key: fact for fact in subject.facts.filter(seeded__isnull=False)}
    given = set(subject.seeded.get(GIVEN, ()))

    for key, fact in wanted.items():
        if key in present or key not in given:
            _seed(Fact, key, fact | about, done)
        else:
            done["kept"] += 1
    for key, fact in present.items():
        if key not in wanted and all(_plain(getattr(fact, name)) == value for name, value in fact.seeded.items()):
            fact.delete()
            done["removed"] += 1
    if given != set(wanted):
        subject.seeded[GIVEN] = sorted(wanted)
        subject.save(update_fields=["seeded"])


def _seed[M: SeededModel](model: type[M], key: str, values: Values, done: Counter[str]) -> M:
    """Bring the row `key` in line with `values`, except for the fields that staff changed. Return the row."""
    plain = {name: _plain(value) for name, value in values.items()}
    row = model._default_manager.filter(key=key).first() or _by_name(model, key, values)
    if row is None:
        done["added"] += 1
        return model._default_manager.create(key=key, seeded=plain, **values)
    seeded = row.seeded or {}
    # A field that the file did not name before is untouched as long as it is empty.
    empty = "" if seeded else None
    changed = {
        name: value
        for name, value in values.items()
        if plain[name] != seeded.get(name) and _plain(getattr(row, name)) in (seeded.get(name, empty), plain[name])
    }
    if not changed:
        done["kept"] += 1
        return row
    for name, value in changed.items():
        setattr(row, name, value)
    row.seeded = seeded | {name: plain[name] for name in changed}
    row.save(update_fields=[*changed, "seeded"])
    done["updated"] += 1
    return row


def _by_name[M: SeededModel](model: type[M], key: str, values: Values) -> M | None:
    """Return the row that staff added before the file had it, now under `key` and as they wrote it, or None."""
    if model not in (CertificationType, CertifyingBody):  # the two models with unique names
        return None
    row = model._default_manager.filter(name=values["name"]).first()
    if row:
        row.key, row.seeded = key, {}
        row.save(update_fields=["key", "seeded"])
    return row


def _plain(value: Any) -> Any:
    """Return `value` for JSON: another row by its key, a date as text."""
    if hasattr(value, "key"):
        return value.key
    return value.isoformat() if hasattr(value, "isoformat") else value
