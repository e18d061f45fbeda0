"""The order in which workers are given tests."""

from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

# The tests of a path run on one worker if they share what is made once and costs much: Chromium, the filled demo, a
# server that is started and stopped, one reading of every page. Both workers share the sweep of the pages in Chromium.
TOGETHER = {
    "tests/browser/": "browser",
    "tests/browser/test_pages.py": None,
    "tests/devtools/test_demo_data.py": "demo",
    "tests/devtools/test_embedded_postgres.py": "embedded PostgreSQL",
    "tests/marketplace/test_dead_ends.py": "every page",
    "tests/marketplace/test_html.py": "every page",
    "tests/marketplace/test_run.py": "run",
    "tests/marketplace/test_translation.py": "every page",
}


class Schedule(LoadScopeScheduling):
    """Hands out the groups of `TOGETHER` whole and first, then the other tests one by one, as they were collected.

    Not the marks of `--dist loadgroup`, which pytest-xdist 3.8 loses with pytest 9.2 (pytest-dev/pytest-xdist#1386).
    """

    def __init__(self, config, log):
        super().__init__(config, log)
        for path in TOGETHER:
            if not Path(config.rootpath, path).exists():
                raise pytest.UsageError(f"TOGETHER in tests/schedule.py names {path}, which has moved or is gone.")

    def _split_scope(self, nodeid):
        module = nodeid.partition("::")[0]
        folder = f"{module.rpartition('/')[0]}/"
        return TOGETHER.get(module, TOGETHER.get(folder)) or nodeid


def longest_first(items):
    """Sort the tests so that those marked `slow` begin, and no worker waits for another one in the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
