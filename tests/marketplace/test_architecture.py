"""The apps are layers: each imports only from those below it, and none grows too large. See docs/architecture.md."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings

# From the bottom. An app imports from the apps before it, and from no other.
LAYERS = [
    "common",
    "profiles",
    "rollout",
    "certifications",
    "verification",
    "sourcing",
    "impact",
    "spend",
    "integrations",
    "marketplace",
    "devtools",
]
# With DEBUG alone, the site also has the demo's pages.
ALLOWED = {("marketplace/urls.py", "devtools")}


class Import(NamedTuple):
    file: str
    app: str
    is_inside_a_function: bool


def sources() -> Iterator[tuple[str, str]]:
    """The path of each module of the product, and its text. Migrations are generated."""
    for app in LAYERS:
        for path in sorted((settings.BASE_DIR / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(settings.BASE_DIR)), path.read_text()


def imports_of(file: str, text: str) -> Iterator[Import]:
    tree = ast.parse(text)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = {id(node) for function in functions for node in ast.walk(function)}
    for node in ast.walk(tree):
        modules = []
        if isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        for module in modules:
            yield Import(file, module.split(".")[0], id(node) in inside)


@pytest.fixture(scope="module")
def imports() -> list[Import]:
    return [found for file, text in sources() for found in imports_of(file, text)]


def test_every_app_of_the_product_has_its_layer():
    apps = {
        app.split(".")[0] for app in settings.INSTALLED_APPS if (Path(settings.BASE_DIR) / app.split(".")[0]).is_dir()
    }

    assert apps <= set(LAYERS)


def test_no_app_imports_from_one_above_it(imports):
    upward = [
        f"{file} imports from {app}"
        for file, app, _ in imports
        if app in LAYERS and LAYERS.index(app) > LAYERS.index(file.split("/")[0]) and (file, app) not in ALLOWED
    ]

    assert upward == []


def test_no_function_imports_anything(imports):
    assert sorted({found.file for found in imports if found.is_inside_a_function}) == []


def test_the_check_of_imports_finds_upward_and_inner_ones():
    text = "import impact.models\ndef late():\n    from devtools import demo\n"

    assert list(imports_of("profiles/models.py", text)) == [
        Import("profiles/models.py", "impact", False),
        Import("profiles/models.py", "devtools", True),
    ]


def test_no_app_holds_more_than_a_third_of_the_code():
    lines = Counter()
    for file, text in sources():
        lines[file.split("/")[0]] += len(text.splitlines())

    [(largest, count)] = lines.most_common(1)
    assert count <= lines.total() / 3, largest


def test_no_module_is_longer_than_400_lines():
    assert {file: count for file, text in sources() if (count := len(text.splitlines())) > 400} == {}
