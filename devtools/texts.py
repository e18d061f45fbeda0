"""Every text of the product that people read: in templates, in Python and in the catalog, with where it stands."""

import ast
import re
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
CATALOG = "certifications/catalogue/catalogue.toml"
APPS = ("common", "profiles", "rollout", "certifications", "verification", "sourcing", "impact", "spend", "marketplace")
NO_TEXTS = {"verification/registers/values.py", "verification/registers/vocabulary.py"}  # words of files, not ours
NAME = "Ana"  # stands where a page fills in a value
INLINE = {"a", "abbr", "b", "bdi", "code", "del", "em", "i", "ins", "small", "span", "strong", "time"}
MENUS = {"nav", "footer"}
READ_ATTRIBUTES = {"alt", "aria-label", "placeholder", "title"}
UNREAD_KEYS = {"body", "icon", "key", "keywords", "kind", "register_url", "source", "topic", "type", "website"}


class Text(NamedTuple):
    """What one paragraph, label or message says. `path` is relative to the root of the project."""

    path: str
    line: int
    words: str


def all_texts() -> Iterator[Text]:
    """Yield every Text of the product."""
    for path in sorted(ROOT.joinpath("templates").rglob("*.html")):
        yield from of_template(_name(path), path.read_text(encoding="utf-8"))
    for app in APPS:
        for path in sorted(ROOT.joinpath(app).rglob("*.py")):
            if "migrations" not in path.parts and _name(path) not in NO_TEXTS:
                yield from of_python(_name(path), path.read_text(encoding="utf-8"))
    yield from of_catalog(CATALOG, ROOT.joinpath(CATALOG).read_text(encoding="utf-8"))


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


class _Paragraphs(HTMLParser):
    """Collects the text between the tags of blocks, and the attributes that are read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self._start, self._parts = 1, [""]
        self._menus = 0

    def flush(self) -> None:
        words = " ".join("".join(self._parts).split())
        if any(letter.isalpha() for letter in words):
            self.found.append((self._start, words))
        self._start, self._parts = self.getpos()[0], []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._menus += tag in MENUS
        if self._parts_from(tag):
            self.flush()
        for name, value in attrs:
            if name in READ_ATTRIBUTES and value:
                self.found.append((self.getpos()[0], " ".join(value.split())))

    def handle_endtag(self, tag: str) -> None:
        if self._parts_from(tag):
            self.flush()
        self._menus -= tag in MENUS

    def _parts_from(self, tag: str) -> bool:
        """Return True if the text inside `tag` is no part of the text around it, as no link of a menu is."""
        return tag not in INLINE or (self._menus > 0 and tag == "a")

    def handle_data(self, data: str) -> None:
        if not "".join(self._parts).strip():
            self._start = self.getpos()[0] + len(data) - len(data.lstrip("\n"))
        self._parts.append(data)


def of_template(path: str, source: str) -> Iterator[Text]:
    """Yield the texts of a template: of both sides of its conditions, and those it hands to another template."""
    for line, text in _handed_on(source):
        yield Text(path, line, text)
    source = re.sub(r"\{% comment %\}.*?\{% endcomment %\}|\{#.*?#\}", _blank, source, flags=re.DOTALL)
    source = re.sub(r"\{% (?:block|endblock)\b.*?%\}", "<p>", source)
    source = re.sub(r"\{%.*?%\}", _blank, source, flags=re.DOTALL)
    parser = _Paragraphs()
    parser.feed(re.sub(r"\{\{.*?\}\}", NAME, source))
    parser.flush()
    for line, words in parser.found:
        yield Text(path, line, words)


def _handed_on(source: str) -> Iterator[tuple[int, str]]:
    """Yield the words in quotes inside the tags of a template, such as the label that it includes a button with."""
    for tag in re.finditer(r"\{[%{].*?[%}]\}", source, flags=re.DOTALL):
        for quoted in re.findall(r'"([^"]*)"', tag[0]):
            if _is_read(quoted):
                yield source.count("\n", 0, tag.start()) + 1, quoted


def _blank(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")


def of_python(path: str, source: str) -> Iterator[Text]:
    """Yield the literals of a module that read as text. Docstrings do not count."""
    tree = ast.parse(source)
    skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in ast.walk(node)} - {id(node)}
        words = literal(node)
        if words and id(node) not in skipped and _is_read(words):
            yield Text(path, getattr(node, "lineno", 1), " ".join(words.split()))


def literal(node: ast.AST) -> str:
    """Return the text of a literal, with NAME for each value in it, or ""."""
    if isinstance(node, ast.JoinedStr):
        parts = (part.value if isinstance(part, ast.Constant) else NAME for part in node.values)
        return "".join(map(str, parts))
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _is_read(text: str) -> bool:
    """Return True if `text` looks like words for people: no name, key, address, path, markup or statement of SQL."""
    if not re.match(r"[A-Z“\"'0-9{]", text) and " " not in text:
        return False
    if re.search(r"[\\<>|;=]{1}.*[\\<>|=]|^\s*[<^(%]|__|\b(SELECT|UPDATE|CREATE|WHERE|FROM)\b|^[A-Z_]+$|/\S*/", text):
        return False
    letters = sum(letter.isalpha() or letter.isspace() for letter in text)
    return letters > 0.8 * len(text)


def of_catalog(path: str, source: str) -> Iterator[Text]:
    """Yield the texts of the catalog's file."""
    lines = source.splitlines()
    for words in _strings(tomllib.loads(source)):
        line = next((number for number, line in enumerate(lines, 1) if words[:60] in line), 1)
        yield Text(path, line, words)


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for item in node:
            yield from _strings(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key not in UNREAD_KEYS or isinstance(value, dict):
                yield from _strings(value)
