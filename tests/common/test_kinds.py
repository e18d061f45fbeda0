"""What a file is told to be that is no picture and no PDF."""

import pytest

from common import kinds


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"<!-- saved -->\n<!-- twice -->\n<html>", "a web page"),
        (b"<?xml version='1.0'?><!-- drawn --><svg/>", "an SVG drawing"),
        (b"<!---->" * 500 + b"x", "a text file"),  # never done if each comment doubles the time
    ],
)
def test_file_is_named_whatever_comments_come_first(content, what):
    assert kinds.refusal(content).startswith(f"This is {what}. ")
