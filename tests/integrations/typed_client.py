"""A client for Python, with types, made from the OpenAPI document: as other people's tools make theirs."""

import re
from types import ModuleType
from typing import Any

from integrations.api.document import is_file, success_of

HEAD = '''"""Made from the OpenAPI document."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Literal, TypedDict
from uuid import UUID

'''
PLAIN = {
    "string": "str",
    "integer": "int",
    "boolean": "bool",
    "null": "None",
    "number": "float",
    "object": "dict[str, Any]",
}
FORMATS = {"date": "date", "date-time": "datetime", "uuid": "UUID"}


def type_of(schema: dict[str, Any]) -> str:
    """Return the annotation of a value of `schema`."""
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(type_of(part) for part in schema["anyOf"])
    if "enum" in schema:
        return f"Literal[{', '.join(map(repr, schema['enum']))}]"
    if schema.get("type") == "array":
        return f"list[{type_of(schema['items'])}]"
    if is_file(schema):
        return "bytes"
    return FORMATS.get(schema.get("format", ""), PLAIN[schema["type"]])


def source_of(document: dict[str, Any]) -> str:
    """Return the text of the module: a type for each object of the document, and a method for each operation."""
    parts = [HEAD]
    left = dict(document["components"]["schemas"])
    while left:  # an object after those that it is made of
        names = re.compile("|".join(rf"schemas/{name}'" for name in left))
        ready = next(name for name, schema in left.items() if not names.search(repr(schema)))
        parts.append(_type(ready, left.pop(ready)))
    parts.append("\n\nclass Client:\n")
    parts.append("    def __init__(self, send: Callable[..., Any]) -> None:\n        self._send = send\n")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            parts.append(_method(path, method, operation))
    return "".join(parts)


def _type(name: str, schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return f"{name} = {type_of(schema)}\n"
    fields = ", ".join(f"{field!r}: {type_of(part)}" for field, part in schema["properties"].items())
    return f"{name} = TypedDict({name!r}, {{{fields}}})\n"


def _method(path: str, method: str, operation: dict[str, Any]) -> str:
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", operation["operationId"]).lower()
    parameters = [one for one in operation["parameters"] if one["in"] != "header"]
    needed = [one for one in parameters if one["required"]]
    others = [one for one in parameters if not one["required"]]
    arguments = [f"{one['name']}: {type_of(one['schema'])}" for one in needed]
    body = operation.get("requestBody")
    arguments += [f"body: {type_of(body['content']['application/json']['schema'])}"] if body else []
    arguments += ["*"] if others else []
    arguments += [f"{one['name']}: {type_of(one['schema'])} | None = None" for one in others]
    content = next(iter(success_of(operation)["content"].values()))
    query = ", ".join(f"{one['name']!r}: {one['name']}" for one in others)
    sent = ", body" if body else ""
    filled = ", ".join(f"{one['name']}={one['name']}" for one in needed)
    return (
        f"\n    def {name}(self, {', '.join(arguments)}) -> {type_of(content['schema'])}:\n"
        f'        """{operation["summary"]}."""\n'
        f"        return self._send({method.upper()!r}, {path!r}, dict({filled}), {{{query}}}{sent})\n"
    )


def module_of(document: dict[str, Any]) -> ModuleType:
    """Return the module."""
    made = ModuleType("made_client")
    exec(source_of(document), vars(made))  # noqa: S102 (it is made of our own document)
    return made
