"""Sentences with names in them, as a browser is given them: what people wrote is escaped and not translated."""

import pytest

from common.translation import plain, untranslated, with_names


def no(text):
    return f'<bdi translate="no">{text}</bdi>'


class Named:
    label = "A & B"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (untranslated("A & <b>"), no("A &amp; &lt;b&gt;")),
        (with_names("{} is on {}.", "Ann", "<i>"), f"{no('Ann')} is on {no('&lt;i&gt;')}."),
        (with_names("{client} is told.", client="{0}"), f"{no('{0}')} is told."),
        (with_names("{record.label} is hidden", record=Named), f"{no('A &amp; B')} is hidden"),
    ],
)
def test_names_are_escaped_and_not_translated(html, expected):
    assert html == expected
    assert html.__html__() == expected


@pytest.mark.parametrize("name", ["Renée O'Brien & Söhne", "<b>Bold</b> LLC", "{0} &amp; %s", ""])
def test_a_sentence_becomes_plain_text_again_with_its_names_as_they_were(name):
    assert plain(with_names("“{}” is saved.", name)) == f"“{name}” is saved."
