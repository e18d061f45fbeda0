"""An email is one template: its subject, its HTML, and the text that is made of the HTML."""

import re
from html import unescape
from pathlib import Path

import allauth
import pytest
from django.conf import settings as project
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from common.mail.letters import letter

FOLDER = project.BASE_DIR / "templates" / "mail"
NAMES = sorted(
    str(path.relative_to(FOLDER).with_suffix(""))
    for path in FOLDER.rglob("*.html")
    if not path.name.startswith("base")  # what emails are made of
)
# Emails of allauth that this site's settings send none of.
UNUSED = {"email_confirm", "login_code", "password_reset_code", "webauthn_added", "webauthn_removed"}

TYPED = "<b>Ann</b> & Co\n\n- [x](https://evil.test) https://evil.test"
SITE = "http://127.0.0.1:8000"


class Anything:
    """What someone typed, whatever attribute, item or element of it a template asks for."""

    def __str__(self):
        return TYPED

    def __getattr__(self, name):
        if name.startswith("__") or name == "month":  # no date
            raise AttributeError(name)
        return value(name)

    def __getitem__(self, key):
        return value(str(key))

    def __iter__(self):
        return iter([self, self])

    def __len__(self):
        return 2


def value(name):
    """What a variable of a template called `name` stands for: an address of this site, or what someone typed."""
    return f"{SITE}/page/" if name.endswith(("link", "_url")) else Anything()


def words(text):
    return set(re.findall(r"\w+", text))


@pytest.fixture(scope="module")
def context():
    """A value for every word in any of the templates, so for each variable."""
    return {word: value(word) for path in FOLDER.rglob("*.html") for word in words(path.read_text())}


@pytest.mark.parametrize("name", NAMES)
def test_email_says_the_same_in_text_and_html_and_carries_the_footer(name, context):
    made = letter(name, context, stop="/mail/stop/token/")

    assert made.subject
    assert "\n" not in made.subject
    assert made.text.startswith("Hi <b>Ann</b> & Co")
    assert made.text.endswith(f":\n{SITE}/mail/stop/token/\n\nMarketplace\n{SITE}/")
    shown = unescape(re.sub(r"<[^>]*>", " ", made.html.partition("<body>")[2]))
    assert words(shown) <= words(made.text) <= words(made.html)


@pytest.mark.parametrize("name", NAMES)
def test_typed_text_is_not_markup_in_an_email(name, context):
    made = letter(name, context)

    assert "<b>" not in made.html
    assert set(re.findall(r'href="([^"]*)"', made.html)) <= {f"{SITE}/", f"{SITE}/page/", f"{SITE}/page/#evidence"}
    assert "\n- [x]" not in made.text or "linebreaks" in (FOLDER / f"{name}.html").read_text()


@pytest.mark.parametrize("name", NAMES)
def test_email_asks_nothing_of_another_server(name, context):
    html = letter(name, context).html

    assert not re.search(r"<(?!/|!|(html|head|meta|title|style|body|p|ul|li|br|a)\b)", html)
    assert not re.search(r"\bsrc=|url\(|@import", html)


def test_one_click_in_the_mail_program_stops_such_emails():
    headers = letter("sourcing/alert", {}, stop="/mail/stop/token/").headers

    assert headers == {
        "List-Unsubscribe": f"<{SITE}/mail/stop/token/>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert letter("sourcing/alert", {}).headers == {}
    assert "/mail/stop/" not in letter("sourcing/alert", {}).text


def test_text_has_paragraphs_lists_and_the_addresses_of_links():
    clients = [("Ann & Co", "Monday"), ("Bea\n\nInc.", "Tuesday, Friday")]

    made = letter("certifications/digest", {"clients": clients, "monday": "Nov 2, 2026", "link": "https://x.test/?a&b"})

    assert made.text == (
        "Hi,\n\n"
        "In the week from Nov 2, 2026, these clients viewed the certifications of :\n\n"
        "- Ann & Co: Monday\n"
        "- Bea Inc.: Tuesday, Friday\n\n"
        "See everyone who viewed this:\n"
        "https://x.test/?a&b\n\n"
        f"Marketplace\n{SITE}/"
    )
    assert '<a href="https://x.test/?a&amp;b">See everyone who viewed this</a>' in made.html


def test_lines_of_a_message_stay_lines_in_text_and_html():
    class Message:
        text = "One\r\ntwo <three>\n\nFour"

    made = letter("sourcing/message", {"message": Message})

    assert "\n\nOne\ntwo <three>\n\nFour\n\n" in made.text
    assert "<p>One<br>two &lt;three&gt;</p>" in made.html


def test_every_email_of_allauth_has_a_template_of_ours():
    folder = Path(allauth.__file__).parent / "templates"
    theirs = [path for app in ("account", "mfa") for path in (folder / app / "email").glob("*_subject.txt")]
    names = {f"{path.parent.parent.name}/{path.name.removesuffix('_subject.txt')}" for path in theirs}

    missing = set()
    for name in names:
        try:
            get_template(f"mail/{name}.html")
        except TemplateDoesNotExist:
            missing.add(name.partition("/")[2])
    assert missing == UNUSED
