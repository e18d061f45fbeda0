"""Pages for whoever programs with the API: how to begin, the reference, and what each error means."""

import json
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from integrations.api.auth import REQUESTS
from integrations.api.certifications import OVERLAP
from integrations.api.document import document, is_file, success_of
from integrations.api.paging import MOST
from integrations.api.problems import Problem, body_of
from integrations.models import AccessToken

EXAMPLE_TOKEN = f"dcm_live_{'0' * 64}"


@login_not_required
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    context = {
        "site": settings.SITE_URL,
        "token": EXAMPLE_TOKEN,
        "scopes": AccessToken.Scope.choices,
        "overlap": OVERLAP.seconds // 60,
        "requests": REQUESTS,
        "most": MOST,
    }
    return render(request, "developers/start.html", context)


@login_not_required
@require_safe
def errors(request: HttpRequest) -> HttpResponse:
    example = _shown(body_of(Problem.TOO_MANY))
    return render(request, "developers/errors.html", {"problems": list(Problem), "example": example})


class Value(NamedTuple):
    """A parameter or a field: its name, what it can be, and what it is."""

    name: str
    kind: str
    words: SafeString
    is_required: bool = False


class Operation(NamedTuple):
    """An operation as the page shows it."""

    subject: str
    id: str
    method: str
    path: str
    summary: str
    description: SafeString
    scope: str
    parameters: list[Value]
    body: list[Value]  # of the request
    body_example: str
    gives: str  # the name of the object in its answer, or "" for a file
    example: str
    statuses: list[str]  # of its errors

    @property
    def article(self) -> str:
        """The word before the name of what it gives."""
        return "An" if self.gives.startswith(tuple("AEIOU")) else "A"


class Thing(NamedTuple):
    """An object of answers."""

    name: str
    description: SafeString
    fields: list[Value]


def _one_of(values: list[str]) -> str:
    return f"one of {', '.join(values)}"


def _words(text: str) -> SafeString:
    """Return a text of the document, which marks code by backticks, as HTML."""
    parts = (
        format_html('<code translate="no">{}</code>' if number % 2 else "{}", part)
        for number, part in enumerate(text.split("`"))
    )
    return format_html_join("", "{}", ((part,) for part in parts))


def _schema_of(reference: dict[str, Any]) -> dict[str, Any]:
    """Return the schema that a reference leads to."""
    found: dict[str, Any] = document()["components"]["schemas"][reference["$ref"].rpartition("/")[2]]
    return found


def _shown(example: Any) -> str:
    return json.dumps(example, indent=2, ensure_ascii=False)


def _kind(schema: dict[str, Any]) -> str:
    """Return what a value of `schema` can be, in words."""
    if "$ref" in schema:
        schema_name: str = schema["$ref"].rpartition("/")[2]
        schema = _schema_of(schema)
        return _one_of(schema["enum"]) if "enum" in schema else schema_name
    if "anyOf" in schema:
        kinds = [
            _kind(part | {"enum": schema["enum"]} if "enum" in schema and part.get("type") == "string" else part)
            for part in schema["anyOf"]
        ]
        return " or ".join(kinds)
    if "enum" in schema:
        return _one_of(schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    return {"date": "date", "date-time": "moment", "uuid": "UUID"}.get(schema.get("format", ""), schema["type"])


def _operation(path: str, method: str, told: dict[str, Any]) -> Operation:
    content = next(iter(success_of(told)["content"].values()))
    gives_file = is_file(content["schema"])
    [body] = told["requestBody"]["content"].values() if "requestBody" in told else [None]
    parameters = [
        Value(
            one["name"],
            _kind(one["schema"]).removesuffix(" or null"),
            _words(one.get("description", "")),
            one["required"],
        )
        for one in told["parameters"]
    ]
    return Operation(
        subject=told["tags"][0],
        id=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told["summary"],
        description=_words(told.get("description", "")),
        scope=told["x-scope"],
        parameters=parameters,
        body=_fields(_schema_of(body["schema"]), marks_required=True) if body else [],
        body_example=_shown(body["example"]) if body else "",
        gives="" if gives_file else content["schema"]["$ref"].rpartition("/")[2],
        example="" if gives_file else _shown(content["example"]),
        statuses=sorted(status for status in told["responses"] if not status.startswith("2")),
    )


def _fields(schema: dict[str, Any], *, marks_required: bool = False) -> list[Value]:
    """Return the fields of an object. Those of a body are marked if they can't be left out."""
    required = schema.get("required", ()) if marks_required else ()
    return [
        Value(field, _kind(part), _words(part.get("description", "")), field in required)
        for field, part in schema["properties"].items()
    ]


def _thing(name: str, schema: dict[str, Any]) -> Thing:
    return Thing(name, _words(schema.get("description", "")), _fields(schema))


@login_not_required
@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """Show the OpenAPI document to read."""
    told = document()
    operations = [
        _operation(path, method, operation)
        for path, methods in told["paths"].items()
        for method, operation in methods.items()
    ]
    subjects = groupby(sorted(operations, key=attrgetter("subject")), attrgetter("subject"))
    things = [
        _thing(name, schema) for name, schema in sorted(told["components"]["schemas"].items()) if "properties" in schema
    ]
    context = {"subjects": [(subject, list(group)) for subject, group in subjects], "things": things}
    return render(request, "developers/reference.html", context)
