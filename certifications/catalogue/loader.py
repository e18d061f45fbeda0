"""Seeding the catalogue. Running it again updates what nobody touched, and never overwrites what staff changed."""

import tomllib
from collections import Counter
from pathlib import Path

from django.db import connection, transaction

from certifications.models import Certificate, CertificationType, CertifyingBody, Fact

SOURCE = Path(__file__).with_name("catalogue.toml")
LAST = 90  # certificates whose body is typed stand below all named ones


@transaction.atomic
def load(source=SOURCE):
    """Write the catalogue of `source` (path of a TOML file) and return a Counter of added, updated and kept rows.

    A field that differs from what the loader last wrote was changed by staff, and is kept.
    """
    with connection.cursor() as cursor:  # two loaders at once take turns
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('catalogue'))")
    data = tomllib.loads(Path(source).read_text())
    done = Counter()
    types = {key: _seed(CertificationType, key, row, done) for key, row in data["types"].items()}
    bodies = {key: _seed(CertifyingBody, key, _without_facts(row), done) for key, row in data["bodies"].items()}
    for key, row in data["bodies"].items():
        _seed_facts(key, row, {"body": bodies[key]}, done)
    for key, row in _certificates(data).items():
        values = _without_facts(row) | {"body": bodies[row["body"]], "type": types.get(row.get("type"))}
        certificate = _seed(Certificate, key, values, done)
        _seed_facts(key, row, {"certificate": certificate}, done)
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


def _without_facts(row):
    return {name: value for name, value in row.items() if name != "facts"}


def _seed_facts(key, row, about, done):
    for position, fact in enumerate(row.get("facts", ())):
        _seed(Fact, f"{key}-{fact['topic']}-{position}", fact | about, done)


def _seed(model, key, values, done):
    """Bring the row `key` in line with `values`, but for the fields that staff changed."""
    plain = {name: _plain(value) for name, value in values.items()}
    row = model.objects.filter(key=key).first()
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


def _plain(value):
    """`value` as JSON keeps it: another row by its key, a date as text."""
    if hasattr(value, "key"):
        return value.key
    return value.isoformat() if hasattr(value, "isoformat") else value
