"""Plain American English in names, comments, docstrings and docs. Texts that users read are not looked at here."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INSTEAD = {
    r"somebody": "someone",
    r"nobody": "no one",
    r"e-mails?": "email",
    r"organis\w+": "organization",
    r"behaviours?": "behavior",
    r"colour\w*": "color",
    r"favour\w*": "favor",
    r"neighbour\w*": "neighbor",
    r"honour\w*": "honor",
    r"licences?": "license",
    r"programmes?": "program",
    r"centres?": "center",
    r"cancelled": "canceled",
    r"(recogn|normal|real|summar|serial|initial|personal|anonym|capital)is(e[ds]?|ing)": "-ize",
    r"whilst": "while",
}
WORDS = re.compile(rf"(?<![A-Za-z])({'|'.join(INSTEAD)})(?![A-Za-z])")
NAME_WORDS = re.compile(r"(?<![a-z])(somebody|nobody|organisation|behaviour|colour|favour|neighbour)(?![a-z])")
# The audience of no one is stored under this name, and PostgreSQL's server runs as this account of the system.
ALLOWED = {"`nobody`", '"nobody"'}
NOT_READ = {
    "CHANGELOG.md": "in the words of the pages, with which it is rewritten",
    "tests/test_language.py": "names what it looks for",
}


def _files(pattern: str) -> list[str]:
    found = (path.relative_to(ROOT) for path in ROOT.rglob(pattern))
    hidden = (".", "node_modules")
    paths = [path for path in found if not path.parts[0].startswith(hidden) and "migrations" not in path.parts]
    return sorted(str(path) for path in paths if str(path) not in NOT_READ)


def _docstrings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (text := ast.get_docstring(node)):
            yield node.body[0].lineno, text


def _written(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each comment, docstring and name."""
    yield from _docstrings(ast.parse(source))
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
        elif token.type == tokenize.NAME and (found := NAME_WORDS.search(token.string)):
            yield token.start[0], found[0]


def _wrong(text: str) -> list[str]:
    for allowed in ALLOWED:
        text = text.replace(allowed, "")
    return [found[0] for found in WORDS.finditer(text.lower())]


@pytest.mark.parametrize("pattern", ["*.py", "*.md"])
def test_code_and_docs_are_in_plain_american_english(pattern: str) -> None:
    faults = []
    for name in _files(pattern):
        source = (ROOT / name).read_text(encoding="utf-8")
        if not re.search("|".join(INSTEAD), source.lower()):
            continue
        lines = _written(source) if pattern == "*.py" else enumerate(source.splitlines(), 1)
        faults += [f"{name}:{line}: {word}" for line, text in lines for word in _wrong(text)]
    assert faults == []
