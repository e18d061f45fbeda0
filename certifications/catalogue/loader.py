"""Seeding the catalogue. Running it again updates what no one touched, and never overwrites what staff changed.

A type, body or certificate is ended by its dates, since records name it, and its deletion is refused in the admin.
A fact that staff deleted stays deleted: its subject remembers which facts it was once given. A fact that has left the
file goes, unless staff changed it.
"""

import tomllib
from collections import Counter
from pathlib import Path

from django.db import connection, transaction

from certifications.models import Certificate, CertificationType, CertifyingBody, Fact
from certifications.sharing.clients import leave_unused

SOURCE = Path(__file__).with_name("catalogue.toml")
GIVEN = "facts"  # in a subject's `seeded`: the keys of the facts it was given
LAST = 90  # certificates whose body is typed stand below all named ones


@transaction.atomic
def load(source=SOURCE):
    """Write the catalogue of `source` (path of a TOML file); return a Counter of added, updated, removed, kept rows.

    A field that differs from what the loader last wrote was changed by staff, and is kept.
    """
    with connection.cursor() as cursor:  # two loaders at once take turns
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('catalogue'))")
    data = tomllib.loads(Path(source).read_text())
    done = Counter()
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


def _certificates(data):
    """Those of the file, and for each type one of a state or local agency and one of another body."""
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


def _without_facts(row) -> dict:
    return {name: value for name, value in row.items() if name != "facts"}


def _seed_facts(row, about, done) -> None:
    """Bring the facts about one body or certificate in line with those of `row`, each known by its topic."""
    [(kind, subject)] = about.items()
    count = Counter()
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


def _seed(model, key, values, done):
    """Bring the row `key` in line with `values`, but for the fields that staff changed."""
    plain = {name: _plain(value) for name, value in values.items()}
    row = model.objects.filter(key=key).first() or _by_name(model, key, values)
    if row is None:
        done["added"] += 1
        return model.objects.create(key=key, seeded=plain, **values)
    seeded = row.seeded or {}
    changed = {
        name: value
        for name, value in values.items()
        if plain[name] != seeded.get(name) and _plain(getattr(row, name)) in (seeded.get(name), plain[name])
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


def _by_name(model, key, values):
    """A row that staff made before the file named it, taken over under `key` with all that they wrote; else None."""
    if model not in (CertificationType, CertifyingBody):  # the two whose names are unique
        return None
    row = model.objects.filter(name=values["name"]).first()
    if row:
        row.key, row.seeded = key, {}
        row.save(update_fields=["key", "seeded"])
    return row


def _plain(value):
    """`value` as JSON keeps it: another row by its key, a date as text."""
    if hasattr(value, "key"):
        return value.key
    return value.isoformat() if hasattr(value, "isoformat") else value
