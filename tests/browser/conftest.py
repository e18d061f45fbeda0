import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client as Browser
from playwright.sync_api import expect, sync_playwright

from tests.browser.chromium import chromium_path
from tests.site import sign_in

ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ACCESSIBLE = Path(__file__).with_name("accessible.js").read_text()
expect.set_options(timeout=30_000)  # milliseconds, as every other wait


@pytest.fixture(scope="session")
def chromium():
    # Playwright runs an event loop in this thread, which Django's ORM would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    executable = chromium_path()
    if executable is None:
        pytest.fail("No Chromium: `make test` installs one.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_profile(chromium):
    """Opens a fresh browser profile for a server's address; returns its context."""
    contexts = []

    def open_context(url, *, width=1440, scheme="light", script=True):
        context = chromium.new_context(
            base_url=url,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        contexts.append(context)
        return context

    yield open_context
    for context in contexts:
        context.close()


@pytest.fixture
def visit(open_profile, live_server):
    """Opens a fresh browser profile, signed in as a user if one is given; returns its page."""

    def open_page(user=None, **options):
        context = open_profile(live_server.url, **options)
        if user:
            session = Browser()
            sign_in(session, user, again=True)
            name = settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": session.cookies[name].value, "url": live_server.url}])
        return context.new_page()

    return open_page


def scrolls_sideways(page):
    return page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


@pytest.fixture(scope="session")
def check_page():
    """Finds what axe-core objects to on a page, best practices included, and sideways scrolling: list of str."""
    axe = Axe().axe_script
    known = set()  # the looks of text whose contrast was checked on a page before

    def check(page):
        page.wait_for_load_state()  # a click waits only until the next page begins to arrive
        if page.evaluate("typeof axe === 'undefined'"):
            page.evaluate(axe)
        result = page.evaluate(ACCESSIBLE, list(known))
        found = result["findings"]
        if not found:  # else whatever looks the same is found again
            known.update(result["looks"])
        if scrolls_sideways(page):
            found.append("scrolls sideways")
        return found

    return check


@pytest.fixture
def assert_accessible(check_page):
    def check(page):
        assert check_page(page) == []

    return check
