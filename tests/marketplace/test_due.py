"""The hourly run: what one of its steps cannot do keeps no other from its work."""

from unittest.mock import Mock

import pytest
from django.core.management import CommandError, call_command

from common import files
from common.mail import outbox
from marketplace.management.commands.due import Steps
from sourcing import exports, listing
from spend import packs


def test_the_next_step_is_taken_after_one_that_fails(caplog):
    steps = Steps()

    found = [steps.take(step, 0) for step in (lambda: 1, lambda: 1 // 0, lambda: 2)]

    assert (found, steps.failed) == ([1, 0, 2], 1)
    assert "A step of the hourly run failed." in caplog.text


@pytest.mark.django_db
def test_the_run_goes_on_while_the_files_are_away_and_says_so_at_the_end(monkeypatch):
    away, later = Mock(side_effect=files.Unavailable), Mock(return_value=0)
    monkeypatch.setattr(exports, "remove_old", away)
    monkeypatch.setattr(packs, "remove_old", away)
    for module, name in ((packs, "restart_stopped"), (listing, "drop_expired"), (outbox, "remove_old")):
        monkeypatch.setattr(module, name, later)

    with pytest.raises(CommandError, match="2 other steps failed, see the log"):
        call_command("due", verbosity=0)

    assert (away.call_count, later.call_count) == (2, 3)
