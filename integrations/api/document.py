"""The OpenAPI document of the API: what django-ninja makes of the operations, completed with what all of them share."""

import json
import re
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from integrations.api.auth import POLICY, Bearer
from integrations.api.problems import CONTENT_TYPE, Fault, Problem, body_of
from integrations.api.site import api
from integrations.models import AccessToken

OAUTH = "OAuth"
VERSION_PREFIX = "/api/v1/"
# The errors that every operation may answer with.
COMMON = (Problem.NO_TOKEN, Problem.INVALID, Problem.TOO_MANY, Problem.FAILED, Problem.UNAVAILABLE)
# And those to a request with a body, which creates something.
OF_BODIES = (Problem.MALFORMED, Problem.CONFLICT, Problem.TOO_LARGE)
# And those of which operations say themselves that they may answer so.
OF_SOME = (Problem.GONE, Problem.CHANGED)
# Those to which operations with these scopes answer 404: clients that may be shown nothing, and bodies that name what
# isn't there.
MAY_MISS = {
    AccessToken.Scope.SPEND,
    AccessToken.Scope.EXPORTS,
    AccessToken.Scope.SHORTLISTS_WRITE,
    AccessToken.Scope.INVITATIONS_WRITE,
}
FORBIDDEN = (Problem.SCOPE, Problem.ADDRESS, Problem.TERMS)
EXAMPLES = {"uuid": "5f0c2b9e-6f0e-4b53-9d8e-0c8f7f1d2a34", "date": "2027-03-31", "date-time": "2026-11-28T09:30:00Z"}


def reference(group: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{group}/{name}"}


@cache
def document() -> dict[str, Any]:
    """Return the document. It depends on nothing but the code and the address of the site."""
    made = json.dumps(dict(api.get_openapi_schema(path_prefix=VERSION_PREFIX)))
    # The names of Python's classes, as people read them: Page[CertificationOut] is a CertificationPage.
    made = re.sub(r"\bPage_(\w+?)Out_", r"\1Page", made)
    made = re.sub(r"Page\[(\w+?)Out\]", r"\1Page", made)
    told: dict[str, Any] = json.loads(re.sub(r'(["/])(\w+)Out"', r'\1\2"', made))
    told["servers"] = [{"url": settings.SITE_URL}]
    components = told["components"]
    text = json.dumps(told)
    used = {name: schema for name, schema in components["schemas"].items() if f'schemas/{name}"' in text}
    components["schemas"] = used | {"Problem": _problem_schema()}
    components["headers"] = _headers()
    components["securitySchemes"][OAUTH] = _oauth()
    components["responses"] = {_name(problems): _error(problems) for problems in _errors()}
    scopes = _scopes()
    for path, operations in told["paths"].items():
        for operation in operations.values():
            scope = scopes[operation["operationId"]]
            _complete(operation, may_miss="{" in path or scope in MAY_MISS, scope=scope, components=components)
    return told


def _scopes() -> dict[str, str]:
    """Return the scope of each operation, by its id."""
    return {
        operation.operation_id or "": callback.scope
        for router in api._get_bound_routers()
        for view in router.path_operations.values()
        for operation in view.operations
        for callback in operation.auth_callbacks
        if isinstance(callback, Bearer)
    }


def _errors() -> list[tuple[Problem, ...]]:
    """Return the errors that have a response of their own, by status."""
    return [*((problem,) for problem in (*COMMON, Problem.NOT_FOUND, *OF_BODIES, *OF_SOME)), FORBIDDEN]


def _name(problems: tuple[Problem, ...]) -> str:
    return "Forbidden" if problems == FORBIDDEN else problems[0].response_name


def _complete(operation: dict[str, Any], *, may_miss: bool, scope: str, components: dict[str, Any]) -> None:
    """Add the errors, headers and example of an operation, and the scope that it needs."""
    operation["x-scope"] = scope
    operation["security"].append({OAUTH: [str(scope)]})
    for problems in _errors():
        if problems == FORBIDDEN or problems[0] in COMMON or (problems[0] == Problem.NOT_FOUND and may_miss):
            operation["responses"][str(problems[0].status)] = reference("responses", _name(problems))
    if "requestBody" in operation:
        _add_example(operation["requestBody"], components)
        for problem in OF_BODIES:
            operation["responses"][str(problem.status)] = reference("responses", _name((problem,)))
    success = success_of(operation)
    success["headers"] = {name: reference("headers", name) for name in ("ETag", "RateLimit", "RateLimit-Policy")}
    _add_example(success, components)


def _add_example(told: dict[str, Any], components: dict[str, Any]) -> None:
    for content in told["content"].values():
        if not is_file(content["schema"]):
            content["example"] = example_of(content["schema"], components["schemas"])


def is_file(schema: dict[str, Any]) -> bool:
    """Return whether a value of `schema` is a file."""
    return schema.get("format") == "binary"


def success_of(operation: dict[str, Any]) -> dict[str, Any]:
    """Return the response to a request that is done."""
    found: dict[str, Any] = next(told for status, told in operation["responses"].items() if status.startswith("2"))
    return found


def example_of(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """Return a value that fits `schema`, made of the examples of its parts."""
    if "examples" in schema:
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], schemas)
    match schema.get("type"):
        case "object":
            return {name: example_of(part, schemas) for name, part in schema["properties"].items()}
        case "array":
            return [example_of(schema["items"], schemas)]
        case "integer":
            return 1
        case "boolean":
            return True
    return EXAMPLES.get(schema.get("format", ""), "…")


def _oauth() -> dict[str, Any]:
    """Return the other way to a token: one that lasts an hour, for the client ID and secret of an access token."""
    flow = {"tokenUrl": f"{settings.SITE_URL}/oauth/token", "scopes": dict(AccessToken.Scope.choices)}
    return {"type": "oauth2", "flows": {"clientCredentials": flow}}


def _problem_schema() -> dict[str, Any]:
    text = {"type": "string"}
    fault = {"type": "object", "properties": dict.fromkeys(Fault._fields, text), "required": list(Fault._fields)}
    properties: dict[str, Any] = {
        "type": {"type": "string", "format": "uri", "enum": [problem.url for problem in Problem]},
        "title": text,
        "status": {"type": "integer"},
        "detail": text,
        "errors": {"type": "array", "items": fault},
    }
    return {"type": "object", "properties": properties, "required": ["type", "title", "status", "detail"]}


def _error(problems: tuple[Problem, ...]) -> dict[str, Any]:
    problem = problems[0]
    faults = [Fault("/query/limit", "Input should be less than or equal to 200")] if problem == Problem.INVALID else []
    headers = {
        Problem.NO_TOKEN: "WWW-Authenticate",
        Problem.TOO_MANY: "Retry-After",
        Problem.UNAVAILABLE: "Retry-After",
    }
    named = {headers[problem]: reference("headers", headers[problem])} if problem in headers else {}
    content = {"schema": reference("schemas", "Problem"), "example": body_of(problem, faults=faults)}
    return {
        "description": ". ".join(one.title for one in problems),
        "headers": named,
        "content": {CONTENT_TYPE: content},
    }


def _headers() -> dict[str, Any]:
    told = {
        "ETag": ("Differs if the answer does. Send it as If-None-Match: 304 says that it is still the same.", '"a1"'),
        "RateLimit": ("The requests the token has left, and the seconds until it has all.", '"token";r=299;t=42'),
        "RateLimit-Policy": ("The requests of a token, and in how many seconds.", POLICY),
        "Retry-After": ("How many seconds to wait.", "42"),
        "WWW-Authenticate": ("What a token lacks.", 'Bearer realm="api", error="invalid_token"'),
    }
    return {
        name: {"description": words, "schema": {"type": "string"}, "example": example}
        for name, (words, example) in told.items()
    }


@login_not_required
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """Respond with the document."""
    content = json.dumps(document(), indent=2, ensure_ascii=False)
    return HttpResponse(content, content_type="application/json", headers={"Cache-Control": "no-cache"})
