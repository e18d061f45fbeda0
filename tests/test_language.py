"""Plain American English in names, comments, docstrings and docs, and in every text that people read."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.texts import APPS, NAME, all_texts, literal

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
# Beside those, on pages and in emails: see docs/content.md.
RULED_OUT = {
    r"everybody": "everyone",
    r"anybody": "anyone",
    r"how (it is|they are) known": "verification level",
    r"who looked": "who viewed this",
    r"what you agreed to": "permissions",
    r"see this page as": "view as",
    r"something to correct": "there is a problem",
    r"seen by": "visible to",
    r"no trace|trace of": "can't see",
    r"matched in a public register": "listed in a public directory",
    r"e\.g\.|i\.e\.": "for example",
    r"enter a date, such as": "enter a date, like 03/31/2027",
    r"switch(ed|es)? (on|off)": "turn on, turn off",
    r"any more(?! than)": "anymore, no longer",
    r"\w+\u2019\w+": "a straight apostrophe",
}
READ_WORDS = re.compile(rf"(?<![A-Za-z])({'|'.join([*INSTEAD, *RULED_OUT])})(?![A-Za-z])")
NOT_READ = {
    "docs/content.md": "names what it rules out",
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


def test_texts_that_people_read_keep_to_the_guide() -> None:
    faults = [
        f"{text.path}:{text.line}: {found[0]}"
        for text in all_texts()
        for found in READ_WORDS.finditer(text.words.lower())
    ]
    assert faults == []


def _errors(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the messages of a module that stand beside a field of a form."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            yield from {"ValidationError": node.args[:1], "add_error": node.args[1:]}.get(name, [])
            yield from (keyword.value for keyword in node.keywords if keyword.arg == "violation_error_message")
        elif isinstance(node, ast.Dict):
            keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
            yield from node.values if set(keys) & {"required", "invalid", "too_large"} else ()


def _ends_wrongly(error: str) -> bool:
    """Return True if one sentence ends with a period, or the last of several does not."""
    is_one = not re.search(rf"([.?!]|{NAME}) [A-Z“]", error)
    return error.endswith(".") if is_one else error[-1] not in ".?”" and not error.endswith(NAME)


def test_an_error_of_one_sentence_has_no_period_and_several_sentences_have_theirs() -> None:
    faults = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {words}"
        for app in APPS
        for path in sorted(ROOT.joinpath(app).rglob("*.py"))
        if "migrations" not in path.parts
        for node in _errors(ast.parse(path.read_text(encoding="utf-8")))
        if (words := literal(node)) and _ends_wrongly(words)
    ]
    assert faults == []
