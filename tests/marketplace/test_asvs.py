"""docs/asvs.toml: every requirement of the standard is answered, and all evidence exists."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.conf import settings

ROOT = settings.BASE_DIR
FILE = tomllib.loads((ROOT / "docs" / "asvs.toml").read_text(encoding="utf-8"))  # refuses a number that stands twice
REQUIREMENTS: dict[str, dict[str, Any]] = {number: found for number, found in FILE.items() if number != "open_count"}
EVIDENCE = ("tests", "settings", "sections")
ANSWERS = {*EVIDENCE, "not_applicable", "open"}
# How many requirements of level 1 and of level 2 each section of ASVS 5.0.0 has. They are numbered in this order, and
# those of level 3 follow.
SECTIONS = {
    "1.1": (0, 2), "1.2": (5, 4), "1.3": (2, 9), "1.4": (0, 3), "1.5": (1, 1), "2.1": (1, 2), "2.2": (2, 1),
    "2.3": (1, 3), "2.4": (0, 1), "3.1": (0, 0), "3.2": (2, 0), "3.3": (1, 3), "3.4": (2, 4), "3.5": (3, 2),
    "3.6": (0, 0), "3.7": (0, 2), "4.1": (1, 2), "4.2": (0, 1), "4.3": (0, 2), "4.4": (1, 3), "5.1": (0, 1),
    "5.2": (2, 1), "5.3": (2, 0), "5.4": (0, 3), "6.1": (1, 2), "6.2": (8, 4), "6.3": (2, 2), "6.4": (2, 2),
    "6.5": (0, 5), "6.6": (0, 3), "6.7": (0, 0), "6.8": (0, 4), "7.1": (0, 3), "7.2": (4, 0), "7.3": (0, 2),
    "7.4": (2, 3), "7.5": (0, 2), "7.6": (0, 2), "8.1": (1, 1), "8.2": (2, 1), "8.3": (1, 0), "8.4": (0, 1),
    "9.1": (3, 0), "9.2": (1, 3), "10.1": (0, 2), "10.2": (0, 2), "10.3": (0, 4), "10.4": (5, 6), "10.5": (0, 5),
    "10.6": (0, 2), "10.7": (0, 3), "11.1": (0, 2), "11.2": (0, 3), "11.3": (2, 1), "11.4": (1, 3), "11.5": (0, 1),
    "11.6": (0, 1), "11.7": (0, 0), "12.1": (1, 2), "12.2": (2, 0), "12.3": (0, 4), "13.1": (0, 1), "13.2": (0, 5),
    "13.3": (0, 2), "13.4": (1, 4), "14.1": (0, 2), "14.2": (1, 3), "14.3": (1, 2), "15.1": (1, 2), "15.2": (1, 2),
    "15.3": (1, 6), "15.4": (0, 0), "16.1": (0, 1), "16.2": (0, 5), "16.3": (0, 4), "16.4": (0, 3), "16.5": (0, 3),
    "17.1": (0, 1), "17.2": (0, 4), "17.3": (0, 2),
}  # fmt: skip


def level_of(number: str) -> int:
    """Return the level at which the standard asks for a requirement."""
    section, _, place = number.rpartition(".")
    first, second = SECTIONS[section]
    return 1 if int(place) <= first else 2 if int(place) <= first + second else 3


def of_levels_1_and_2() -> Iterator[str]:
    for section, counts in SECTIONS.items():
        yield from (f"{section}.{place}" for place in range(1, sum(counts) + 1))


@cache
def names_in(path: str) -> set[str]:
    """The names of the tests in a file."""
    file = ROOT / path
    tree = ast.parse(file.read_text(encoding="utf-8")) if file.is_file() else ast.Module([], [])
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@cache
def sections_of(path: str) -> set[str]:
    """The headings in a document."""
    return set(re.findall(r"^## (.+)$", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE))


@cache
def names_of_settings() -> set[str]:
    """The settings that the project itself sets."""
    text = (ROOT / "marketplace" / "settings.py").read_text(encoding="utf-8")
    return set(re.findall(r"^ *([A-Z][A-Z_]+) = ", text, re.MULTILINE))


def exists(kind: str, evidence: str) -> bool:
    if kind == "settings":
        return evidence in names_of_settings()
    path, name = evidence.split("::" if kind == "tests" else ": ")
    return name in (names_in(path) if kind == "tests" else sections_of(path))


def test_every_requirement_of_levels_1_and_2_is_answered():
    assert set(of_levels_1_and_2()) == {number for number in REQUIREMENTS if level_of(number) < 3}
    assert len(set(of_levels_1_and_2())) == 253


def test_requirements_stand_in_order_with_their_level():
    assert {number: found["level"] for number, found in REQUIREMENTS.items()} == {n: level_of(n) for n in REQUIREMENTS}
    assert list(REQUIREMENTS) == sorted(REQUIREMENTS, key=lambda number: [int(part) for part in number.split(".")])


def test_each_requirement_is_either_met_or_not_applicable_or_open():
    for number, found in REQUIREMENTS.items():
        assert found.keys() - ANSWERS == {"level", "asks"}, number
        answers = found.keys() & ANSWERS
        assert answers, number
        assert len(answers) == 1 or answers <= set(EVIDENCE), number
        assert all(found[answer] for answer in answers), number


def test_all_evidence_exists():
    missing = [
        f"{number}: {evidence}"
        for number, found in REQUIREMENTS.items()
        for kind in EVIDENCE
        for evidence in found.get(kind, [])
        if not exists(kind, evidence)
    ]
    assert missing == []


def test_evidence_that_does_not_exist_is_found():
    assert not exists("tests", "tests/marketplace/test_asvs.py::test_of_nothing")
    assert not exists("tests", "tests/marketplace/test_of_nothing.py::test_all_evidence_exists")
    assert not exists("settings", "SETTING_OF_NOTHING")
    assert not exists("sections", "SECURITY.md: Nothing")


def test_reasons_are_sentences():
    reasons = [found.get("not_applicable") or found.get("open") or "It is met." for found in REQUIREMENTS.values()]
    assert [reason for reason in reasons if not re.fullmatch(r"[A-Z][^.]*( [^.]*){2,}(\.\w[^.]*)?\.", reason)] == []


def test_no_requirement_becomes_open_unnoticed():
    assert sum("open" in found for found in REQUIREMENTS.values()) == FILE["open_count"]
