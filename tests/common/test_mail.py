"""Email leaves by one way: it waits while the mail server is away, and is sent once when it is back."""

import ast
import email
import email.policy
import re
import socket
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.header import decode_header, make_header
from pathlib import Path
from quopri import decodestring
from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as project
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from common.mail import outbox
from common.mail.letters import Letter
from common.mail.message import LONGEST_LINE, Email, one_line
from common.models import Mail
from deploy.drills.mail_server import HANG_UP, MailServer
from profiles.account_mail import SignupForm
from profiles.models import Invitation, User
from tests.factories import AgencyFactory
from tests.site import in_thread, person, sign_in, staff

LONG = "Peña & Hijos Construcción y Diseño Arquitectónico Sostenible de Nuevo México, Inc."


def mailers(port):
    """MAILERS that send to a port of this machine."""
    options = {"host": "127.0.0.1", "port": port, "timeout": 5}
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}


@pytest.fixture
def server(settings):
    with MailServer() as server:
        settings.MAILERS = mailers(server.port)
        yield server


@pytest.fixture
def dead_port(settings):
    """The port of a mail server that refuses connections."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    settings.MAILERS = mailers(port)
    return port


def post(*recipients, subject="Hello"):
    for to in recipients:
        outbox.post(to, Letter(subject, "A text.", "<p>A text.</p>"))


def send(monkeypatch=None, later=timedelta()):
    """Send what is due after a while. Returns how many."""
    if not later:
        return outbox.send_waiting.call()
    then = timezone.now() + later
    with monkeypatch.context() as moved:
        moved.setattr(timezone, "now", lambda: then)
        return outbox.send_waiting.call()


# The mail server


@pytest.mark.django_db
def test_email_waits_while_the_server_refuses_connections_and_is_sent_once_after(dead_port, monkeypatch):
    post("a@example.test", "b@example.test")
    assert send() == 0

    with MailServer(dead_port) as server:
        assert send() == 0  # held for a minute: one that is away is not asked for each email
        assert send(monkeypatch, timedelta(minutes=2)) == 2
        assert send(monkeypatch, timedelta(minutes=9)) == 0

    assert [message["To"] for message in server.took] == ["a@example.test", "b@example.test"]
    assert not Mail.objects.exists()


@pytest.mark.django_db
def test_the_pauses_grow_and_no_email_is_given_up_while_the_server_is_away(dead_port, monkeypatch):
    post("a@example.test")
    pauses, at = [], timezone.now()
    for _ in range(8):
        monkeypatch.setattr(timezone, "now", lambda at=at: at)
        outbox.send_waiting.call()
        mail = Mail.objects.get()
        pauses.append((mail.next_try_at - at).seconds // 60)
        at = mail.next_try_at + timedelta(days=1)

    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("EHLO", HANG_UP),
        ("MAIL", HANG_UP),
        ("MAIL", 451),
        ("MAIL", 530),
        ("RCPT", 421),
        ("RCPT", 450),
        ("DATA", 451),
        ("END", 452),
        ("END", HANG_UP),
    ],
)
@pytest.mark.django_db
def test_temporary_failures_are_tried_again(command, answer, server, monkeypatch):
    server.answers = lambda asked, line: answer if asked == command else None
    post("a@example.test", "b@example.test")
    assert send() == 0

    server.answers = lambda command, line: None
    sent = send(monkeypatch, timedelta(minutes=2)) + send(monkeypatch, timedelta(minutes=9))

    assert sent == 2
    assert sorted(message["To"] for message in server.took) == ["a@example.test", "b@example.test"]


@pytest.mark.parametrize(("command", "answer"), [("MAIL", 552), ("RCPT", 550), ("DATA", 554), ("END", 552)])
@pytest.mark.django_db
def test_a_refusal_for_good_is_kept_without_the_text_and_holds_up_no_one(command, answer, server, monkeypatch):
    turns = iter([answer])
    server.answers = lambda asked, line: next(turns, None) if asked == command else None
    post("a@example.test", "b@example.test")

    assert send() == 1
    assert send(monkeypatch, timedelta(days=1)) == 0

    [message] = server.took
    refused = Mail.objects.get()
    assert (message["To"], refused.to) == ("b@example.test", "a@example.test")
    assert str(answer) in refused.refused_because
    assert (refused.subject, refused.text, refused.html, refused.arguments) == ("", "", "", {})
    assert outbox.counts() == {"waiting": 0, "refused": 1}
    Mail.objects.update(refused_at=timezone.now() - timedelta(days=31))
    assert outbox.remove_old() == 1


@pytest.mark.django_db
def test_staff_see_which_email_was_refused_and_why_but_not_what_it_says(client):
    outbox.post("a@example.test", Letter("SUBJECT", "TEXT", "<p>TEXT</p>"))
    Mail.objects.update(refused_at=timezone.now(), refused_because="550 No such mailbox")
    for user, status in ((staff(), 403), (staff(Permission.objects.get(codename="view_mail")), 200)):
        sign_in(client, user)
        listed = client.get("/admin/common/mail/")
        assert listed.status_code == status

    page = client.get(f"/admin/common/mail/{Mail.objects.get().pk}/change/").text
    for shown in (listed.text, page):
        assert "a@example.test" in shown
        assert "550 No such mailbox" in shown
        assert "SUBJECT" not in shown
        assert "TEXT" not in shown


@pytest.mark.django_db
def test_staff_list_email_that_was_refused_or_the_rest(client):
    outbox.post("waiting@example.test", Letter("SUBJECT", "TEXT", "<p>TEXT</p>"))
    outbox.post("refused@example.test", Letter("SUBJECT", "TEXT", "<p>TEXT</p>"))
    Mail.objects.filter(to="refused@example.test").update(refused_at=timezone.now(), refused_because="550 No mailbox")
    sign_in(client, staff(Permission.objects.get(codename="view_mail")))
    page = client.get("/admin/common/mail/?refused_at__isempty=0&_facets=True")

    assert [mail.to for mail in page.context["cl"].result_list] == ["refused@example.test"]
    [by] = page.context["cl"].filter_specs
    assert by.title == "refused"
    assert [choice["display"] for choice in by.choices(page.context["cl"])] == ["All", "No (1)", "Yes (1)"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["jürgen@example.test", "a@", '"', "a\r\nBcc: x@example.test", f"a@{'ü' * 80}.test"]
)
def test_an_address_that_no_server_takes_holds_up_no_one(address, server):
    post(address, "b@example.test")

    assert send() == 1
    assert Mail.objects.get().refused_at


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["a@[", "a@[\\"])
def test_an_address_on_which_python_stumbles_holds_up_no_one(address, server, caplog):
    post(address, "b@example.test")

    assert send() == 1
    assert Mail.objects.get().tries == 1
    assert "could not be written" in caplog.text


@pytest.mark.django_db
def test_an_email_that_breaks_the_connection_holds_up_no_one(server, monkeypatch):
    server.answers = lambda command, line: HANG_UP if command == "RCPT" and "bad@" in line else None
    post("bad@example.test", "b@example.test")

    assert send() + send() == 1  # at the latest by the next email that is posted

    send(monkeypatch, timedelta(days=6))
    assert Mail.objects.get().refused_at  # after five days of that


@pytest.mark.django_db
def test_an_email_that_cannot_be_written_holds_up_no_one(server, caplog):
    outbox.post_later("a@example.test", no_writer)
    post("b@example.test")

    assert send() == 1
    assert Mail.objects.get().tries == 1
    assert "could not be written" in caplog.text


def no_writer(to):
    raise ZeroDivisionError


@pytest.mark.django_db
def test_one_that_is_tried_again_has_the_same_message_id(server, monkeypatch):
    post("a@example.test")
    kept = Mail.objects.get()
    server.answers = lambda command, line: 451 if command == "DATA" else None
    send()
    server.answers = lambda command, line: None
    send(monkeypatch, timedelta(minutes=2))

    assert str(kept.key) in server.took[0]["Message-ID"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_email_once(server, monkeypatch):
    with monkeypatch.context() as off:
        off.setattr(outbox.send_waiting.__class__, "enqueue", lambda self: None)
        post(*(f"{number}@example.test" for number in range(20)))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(in_thread(lambda _: outbox.send_waiting.call()), range(4)))

    assert len({message["To"] for message in server.took}) == len(server.took) == 20


@pytest.mark.django_db
def test_an_email_is_sent_as_text_and_as_html(server):
    outbox.post("a@example.test", Letter("Hello", "Olé & Co", "<p>Olé &amp; Co</p>"))
    send()

    [message] = server.took
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert (text.get_content_type(), text.get_content().strip()) == ("text/plain", "Olé & Co")
    assert (html.get_content_type(), html.get_content().strip()) == ("text/html", "<p>Olé &amp; Co</p>")


@pytest.mark.django_db
def test_email_of_a_rolled_back_transaction_is_not_sent(server):
    with transaction.atomic():
        post("a@example.test")
        transaction.set_rollback(True)

    assert send() == 0


@pytest.mark.django_db(transaction=True)
def test_the_worker_tries_again_by_itself(dead_port, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS]
    from django_tasks_db.models import DBTaskResult

    post("secret@example.test", subject="Secret")
    [first] = DBTaskResult.objects.all()
    assert "ecret" not in f"{first.args_kwargs}"  # what a task was called with is kept
    outbox.send_waiting.call()

    [again] = DBTaskResult.objects.exclude(pk=first.pk)
    assert timedelta(seconds=50) < again.run_after - timezone.now() < timedelta(seconds=70)


# The pages


@pytest.mark.django_db(transaction=True)
def test_pages_work_while_the_server_is_away_and_their_email_comes_once_after(dead_port, client, monkeypatch):
    signed_up = client.post(
        "/accounts/signup/",
        {"name": "New Person", "email": "new@example.test", "password1": "pass-Word-1234", "purpose": "freelancer"},
    )
    forgot = client.post("/accounts/password/reset/", {"email": person(email="old@example.test").email})
    owner = person(email="owner@example.test")
    agency = AgencyFactory(owner=owner)
    sign_in(client, owner, again=True)
    added = client.post("/accounts/email/", {"email": "second@example.test", "action_add": "Add"})
    members = f"{agency.get_absolute_url()}members/"
    invited = client.post(members, {"email": "invited@example.test", "role": "member"})
    assert {signed_up.status_code, forgot.status_code, added.status_code, invited.status_code} == {302}

    with MailServer(dead_port) as server:
        send(monkeypatch, timedelta(hours=1))
        send(monkeypatch, timedelta(hours=2))

    assert sorted((message["To"], message["Subject"]) for message in server.took) == [
        ("invited@example.test", f"Join {agency.name} on Marketplace"),
        ("new@example.test", "Confirm your email address"),
        ("old@example.test", "Choose a new password"),
        ("second@example.test", "Confirm your email address"),
    ]


@pytest.fixture
def ask(settings):
    """Sends a form about an address, as a new visitor: all of the answer, how many statements and how many hashes."""
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}

    def answer(path, data):
        browser = Browser()
        with CaptureQueriesContext(connection) as queries, patch.object(MD5PasswordHasher, "encode") as encode:
            encode.side_effect = lambda password, salt: f"md5${salt}$x"
            response = browser.post(path, data)
        page = browser.get(response["Location"]) if response.status_code == 302 else response
        said = re.sub(r'value="[\w-]{20,}"|[\w.]+@example\.test', "", page.text)
        cookies = [(cookie.key, len(cookie.value) > 0) for cookie in browser.cookies.values()]
        headers = {name: value for name, value in response.headers.items() if name not in {"Content-Length", "Expires"}}
        return response.status_code, headers, cookies, said, len(queries), encode.call_count

    return answer


FORMS = {
    "/accounts/password/reset/": {"email": "{}"},
    "/accounts/login/": {"login": "{}", "password": "wrong-Word-1234"},
    "/accounts/signup/": {"name": "New", "email": "{}", "password1": "pass-Word-1234", "purpose": "freelancer"},
}


def unverified(user):
    user.emailaddress_set.update(verified=False)


def inactive(user):
    User.objects.filter(pk=user.pk).update(is_active=False)


def without_password(user):
    user.set_unusable_password()
    user.save()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", FORMS)
def test_a_page_does_not_tell_whether_an_address_is_known(path, ask):
    for change in (lambda user: None, unverified, inactive, without_password):
        change(person(email=f"known{User.objects.count()}@example.test", password=make_password("other-Word-1234")))
    known = list(User.objects.values_list("email", flat=True))

    _, *answers = [
        ask(path, {field: value.format(address) for field, value in FORMS[path].items()})
        for address in ("first@example.test", "nobody@example.test", *known)
    ]

    assert len(answers) == 5
    assert answers == [answers[0]] * 5
    assert len(Mail.objects.all()) == (0 if "login" in path else 6)
    assert User.objects.count() == (6 if "signup" in path else 4)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/email/", "members/"])
def test_an_account_does_not_learn_whether_another_address_is_known(path):
    owner = person()
    path = path if path.startswith("/") else f"{AgencyFactory(owner=owner).get_absolute_url()}{path}"
    person(email="known@example.test")
    answers = []
    for address in ("first@example.test", "nobody@example.test", "known@example.test"):
        browser = Browser()
        sign_in(browser, owner, again=True)
        with transaction.atomic():
            with CaptureQueriesContext(connection) as queries:
                response = browser.post(path, {"email": address, "role": "member", "action_add": "Add"})
            page = re.sub(r'value="[^"]{20,}"|[\w.]+@example\.test|/\d+/', "", browser.get(response["Location"]).text)
            transaction.set_rollback(True)
        answers.append((response.status_code, response["Location"], len(queries), page))

    assert answers[1] == answers[2]
    assert "csrfmiddlewaretoken" in answers[2][3]


@pytest.mark.django_db(transaction=True)
def test_two_clicks_on_sign_up_make_one_account(monkeypatch):
    monkeypatch.setattr(
        SignupForm, "validate_unique_email", lambda self, value: value
    )  # as the other click was in time
    fields = {field: value.format("new@example.test") for field, value in FORMS["/accounts/signup/"].items()}

    answers = [Browser().post("/accounts/signup/", fields) for _ in range(2)]

    assert {answer["Location"] for answer in answers} == {"/accounts/confirm-email/"}
    assert [EmailAddress.objects.filter(user=user).count() for user in User.objects.all()] == [1]


@pytest.mark.django_db
def test_a_password_reset_tells_the_owner_of_the_address_alone(mailoutbox, client):
    person(email="known@example.test")
    for address in ("known@example.test", "nobody@example.test"):
        client.post("/accounts/password/reset/", {"email": address})

    send()

    assert [(told.to[0], told.subject) for told in mailoutbox] == [
        ("known@example.test", "Choose a new password"),
        ("nobody@example.test", "There is no account with this address"),
    ]
    path = re.search(r"/accounts/password/reset/key/\S+", mailoutbox[0].body)[0]
    assert "Choose a new password" in client.get(path, follow=True).text


# How an email looks


def raw(subject, **values):
    return Email(subject, "A text: é", to=["a@example.test"], **values).message(policy=email.policy.SMTP).as_bytes()


def headers(message):
    return message.split(b"\r\n\r\n")[0].decode("ascii").split("\r\n")


def assert_reads_back(subject, message):
    for line in headers(message):
        words = re.findall(r"=\?[^?]+\?[bqBQ]\?[^?]*\?=", line)
        assert all(len(word) <= 75 for word in words)
        assert not words or len(line) <= LONGEST_LINE
        for word in words:  # each is whole characters
            _, _, encoding, text, _ = word.split("?")
            whole = b64decode(text) if encoding in "bB" else decodestring(text.replace("_", " "), header=True)
            whole.decode("utf-8")
    assert email.message_from_bytes(message, policy=email.policy.default)["Subject"] == subject
    unfolded = email.message_from_bytes(message)["Subject"].replace("\r\n", "")
    assert str(make_header(decode_header(unfolded))) == subject


@pytest.mark.parametrize(
    "subject",
    [
        f"Join {LONG} on Marketplace",
        "日本語の会社" * 30,
        "👩‍👩‍👧‍👦" * 20,
        "a" * 300,
        "plain words " * 20 + "end",
        "é " + "x" * 120,
        "=?utf-8?q?a=0D=0ABcc:x=40example.test?= wrote",
        "=?",
        "ends in a space, once folded, é " + "é" * 37 + " b",
    ],
)
def test_a_subject_is_folded_into_short_words_and_reads_back_as_it_was(subject):
    assert_reads_back(subject, raw(subject))


@pytest.mark.slow
@given(st.text(min_size=1, max_size=200))
def test_any_subject_reads_back_as_it_was(subject):
    subject = one_line(subject)
    if subject:
        assert_reads_back(subject, raw(subject))


def test_a_long_name_of_the_sender_is_folded_and_reads_back():
    message = raw("Hello", from_email=f'"{LONG} — Marktplätze für Teilhabe" <no-reply@marketplace.test>')

    assert all(len(word) <= 75 for line in headers(message) for word in line.split())
    unfolded = email.message_from_bytes(message)["From"].replace("\r\n", "")
    assert str(make_header(decode_header(unfolded))) == f"{LONG} — Marktplätze für Teilhabe <no-reply@marketplace.test>"


@pytest.mark.django_db
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028"])
def test_a_name_with_a_line_break_adds_no_header(newline, server):
    post("a@example.test", subject=f"Join Bad{newline}Bcc: b@example.test{newline}{newline}Text")
    send()

    [message] = server.took
    assert message["Subject"] == "Join Bad Bcc: b@example.test Text"
    assert message["Bcc"] is None


def test_a_link_in_a_header_stays_whole():
    link = f"<https://example.test/{'a' * 300}>"

    assert f"List-Unsubscribe: {link}" in headers(raw("Hello", headers={"List-Unsubscribe": link}))


# One way


@pytest.mark.slow
def test_no_other_module_talks_to_a_mail_server():
    allowed = {Path("common/mail/message.py"), Path("common/mail/outbox.py")}
    found = set()
    for path in project.BASE_DIR.rglob("*.py"):
        relative = path.relative_to(project.BASE_DIR)
        if relative.parts[0] in {"tests", "node_modules"} or relative.parts[0].startswith("."):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            if any(name.startswith(("django.core.mail", "smtplib")) for name in modules):
                found.add(relative)

    assert found == allowed


@pytest.mark.django_db
def test_allauths_notices_leave_by_the_outbox(client, mailoutbox):
    user = person(email="a@example.test")
    user.set_password("pass-Word-1234")
    user.save()
    sign_in(client, user, again=True)

    client.post(
        "/accounts/password/change/",
        {"oldpassword": "pass-Word-1234", "password1": "other-Word-1234", "password2": "other-Word-1234"},
    )

    assert mailoutbox == []
    assert [mail.to for mail in Mail.objects.all()] == ["a@example.test"]
    send()
    assert "changed" in mailoutbox[0].body
    assert isinstance(mailoutbox[0], Email)


@pytest.mark.django_db
def test_an_invitation_withdrawn_while_its_email_waits_is_not_sent(client, mailoutbox):
    owner = person()
    agency = AgencyFactory(owner=owner)
    sign_in(client, owner)
    client.post(f"{agency.get_absolute_url()}members/", {"email": "invited@example.test", "role": "member"})
    Invitation.objects.update(withdrawn_at=timezone.now())

    send()

    assert (mailoutbox, Mail.objects.count()) == ([], 0)
