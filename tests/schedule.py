"""Which tests run on one worker: those that share what is made once and costs much."""

from xdist.scheduler import LoadScopeScheduling

# One Chromium, one filled demo, one server that is started and stopped, one reading of every page. The sweep of every
# page in the browser takes so long by itself that both workers share it.
TOGETHER = {
    "tests/browser/": "browser",
    "tests/browser/test_pages.py": None,
    "tests/marketplace/test_demo_data.py": "demo",
    "tests/marketplace/test_embedded_postgres.py": "embedded PostgreSQL",
    "tests/marketplace/test_html.py": "every page",
    "tests/marketplace/test_run.py": "run",
    "tests/marketplace/test_translation.py": "every page",
}


class Schedule(LoadScopeScheduling):
    """Hands out the groups of `TOGETHER` whole and first, then the other tests one by one.

    Not the marks of `--dist loadgroup`, which pytest-xdist 3.8 loses with pytest 9.2 (pytest-dev/pytest-xdist#1386).
    """

    def _split_scope(self, nodeid):
        module = nodeid.partition("::")[0]
        folder = f"{module.rpartition('/')[0]}/"
        return TOGETHER.get(module, TOGETHER.get(folder)) or nodeid
