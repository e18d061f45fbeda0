"""How templates are written."""

import re
from pathlib import Path
from typing import cast

import pytest
from django.conf import settings
from django.template import Context, Template, engines
from django.template.backends.django import DjangoTemplates
from django.template.loader_tags import BlockNode, ExtendsNode

LONGEST_LINE = 140
FOLDER = Path(settings.BASE_DIR, "templates")
TEMPLATES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.html"))
ADDRESS = r"(href|action|data-hx-get|data-hx-post)="


def source(name: str) -> str:
    return (FOLDER / name).read_text()


@pytest.mark.parametrize("name", TEMPLATES)
def test_lines_are_short(name):
    assert [line for line in source(name).splitlines() if len(line) > LONGEST_LINE] == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_lines_are_indented_by_two_spaces(name):
    indents = [len(line) - len(line.lstrip(" ")) for line in source(name).splitlines() if line.strip()]
    assert "\t" not in source(name)
    assert [indent for indent in indents if indent % 2] == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_addresses_are_made_by_name(name):
    """None is typed, and none is glued together from parts."""
    typed = re.findall(rf'{ADDRESS}"/', source(name))
    glued = re.findall(rf'{ADDRESS}"\{{\{{[^}}]*\}}\}}[\w/]', source(name))
    assert (typed, glued) == ([], [])


@pytest.mark.parametrize("name", TEMPLATES)
def test_blocks_that_are_filled_stand_in_a_parent(name):
    template = cast(DjangoTemplates, engines["django"]).engine.get_template(name)
    context = Context()
    context.template = template
    filled = {block.name for node in extends(template) for block in node.nodelist if isinstance(block, BlockNode)}
    assert filled - blocks_above(template, context) == set()


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_hidden_label_ends_its_button_without_a_space(name):
    """The space would be an item of the button, with a gap before it."""
    assert re.findall(r'visually-hidden">.*</span>\s+</(?:a|button|summary)>', source(name)) == []


def extends(template: Template) -> list[ExtendsNode]:
    return [node for node in template.nodelist if isinstance(node, ExtendsNode)]


def blocks_above(template: Template, context: Context) -> set[str]:
    """The names of all blocks in the parents of a template; the context tells one from a parent of the same name."""
    names = set()
    for node in extends(template):
        parent = node.get_parent(context)
        blocks = cast(list[BlockNode], parent.nodelist.get_nodes_by_type(BlockNode))
        names |= {block.name for block in blocks} | blocks_above(parent, context)
    return names
