"""Keys from outside are read, or are no row's."""

import pytest

from common.keys import key_of


@pytest.mark.parametrize(("text", "key"), [("7", 7), ("007", 7), ("9" * 18, int("9" * 18))])
def test_a_key_is_read(text, key):
    assert key_of(text) == key


@pytest.mark.parametrize("text", ["", "abc", "-1", "+1", " 1", "1.5", "1_0", "²", "٣", "9" * 19, "9" * 5_000, "1\0"])
def test_a_value_that_no_key_can_have_is_not_a_key(text):
    assert key_of(text) == 0
