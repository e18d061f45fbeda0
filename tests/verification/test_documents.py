"""Documents that owners attach: what is taken, who reads them, when they go."""

import io
import socket
import struct
import threading
import zipfile
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.test import TestCase
from django.utils import timezone
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from certifications.models import StaffRead
from common import uploads
from profiles.models import Membership
from tests.factories import CertificationFactory, DocumentFactory, MembershipFactory, UserFactory, picture
from tests.site import client_person, person, sign_in, staff
from verification.documents import clamav, intake, keeping
from verification.models import Case, Document


def accept(content):
    return intake.accept(io.BytesIO(content))


def refusal(content):
    with pytest.raises(intake.Refused) as refused:
        accept(content)
    return str(refused.value)


# What is taken


@pytest.mark.parametrize(("kind", "name"), [("png", "PNG"), ("jpeg", "JPEG")])
def test_a_picture_is_drawn_again_without_its_metadata(kind, name):
    image, output = Image.new("RGB", (300, 200), "white"), io.BytesIO()
    image.paste("black", (10, 10, 50, 50))
    exif = Image.Exif()
    exif[0x010E] = "LEAKEXIF"
    exif[0x0112] = 6  # turned by a quarter
    text = PngInfo()
    text.add_text("Comment", "LEAKTEXT")
    image.save(output, name, exif=exif, **({"pnginfo": text} if name == "PNG" else {"comment": b"LEAKTEXT"}))
    trailing = io.BytesIO()
    with zipfile.ZipFile(trailing, "w") as archive:
        archive.writestr("LEAKZIP", "x")
    assert b"LEAKEXIF" in output.getvalue()

    accepted = accept(output.getvalue() + trailing.getvalue())

    assert (accepted.kind, accepted.pages) == (kind, 1)
    assert b"LEAK" not in accepted.content
    with Image.open(io.BytesIO(accepted.content)) as found:
        assert (found.size, dict(found.getexif())) == ((200, 300), {})


ZIP = b"PK\x03\x04evilPK\x05\x06" + b"\0" * 18


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (ZIP, "a ZIP archive"),
        (b"PK\x03\x04" + b"\0" * 9_000 + b"word/document.xml", "a Word document"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 90, "a Word, Excel or Outlook file"),
        (b"\0\0\0\x14ftypqt  " + b"\0" * 90, "the video of a Live Photo"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 90, "a photo that we can't read"),
        (b"<!DOCTYPE html><p>", "a web page"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "an SVG drawing"),
        (b"From: a@b.example\nSubject: x\n\nhello", "an email"),
        ("My certificate é".encode(), "a text file"),
        (b"\0\1\2\3" * 9, "We don't know this kind of file"),
        (picture()[:-30], "cut off"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 100, "read"),
        (b"\xff\xd8\xff" + b"0" * 100, "read"),
        (b"", "empty"),
        (b"\xff\xd8\xff" + b"0" * uploads.MOST, "must be 25 MB or smaller"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_a_refused_file_is_named_with_what_to_do(content, sentence):
    assert sentence in refusal(content)


@pytest.mark.slow
def test_a_picture_of_too_many_pixels_is_not_even_decoded():
    header = picture(size=(1, 1))
    width_and_height = struct.pack("!II", 60_000, 60_000)

    assert refusal(header[:16] + width_and_height + header[24:])


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        (r"C:\Users\me\cert.exe", "cert.pdf"),
        ("cert\u202efdp.exe", "certfdp.pdf"),
        ("\0\n.pdf", "document.pdf"),
        ("x" * 300, "x" * 100 + ".pdf"),
        ("", "document.pdf"),
    ],
)
def test_a_name_is_never_a_path(name, kept):
    assert intake.safe_name(name, "pdf") == kept


# The scanner

EICAR = "".join(["X5O!P%@AP[4", r"\PZX54(P^)7CC)7}$", "EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!$H+H*"]).encode()


@contextmanager
def fake_clamd(answer=None):
    """A daemon on loopback that speaks PING and INSTREAM once, and finds EICAR's string: its address."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = server.accept()
        with connection:
            assert connection.recv(6) == b"zPING\0"
            connection.sendall(b"PONG\0")
        connection, _ = server.accept()
        with connection:
            file = connection.makefile("rb")
            assert file.read(10) == b"zINSTREAM\0"
            content = b""
            while size := struct.unpack("!I", file.read(4))[0]:
                content += file.read(size)
            found = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
            connection.sendall(answer or found)
            file.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
    thread.join(timeout=5)
    server.close()


def test_an_upload_is_scanned_before_it_is_parsed(settings):
    with fake_clamd() as settings.CLAMD_URL:
        assert "virus scanner found a problem" in refusal(picture() + EICAR)
    with fake_clamd() as settings.CLAMD_URL:
        assert accept(picture()).kind == "png"


def test_a_file_that_cannot_be_scanned_is_refused(settings):
    with fake_clamd(b"INSTREAM size limit exceeded. ERROR\0") as settings.CLAMD_URL:
        assert "try again later" in refusal(picture())
    settings.CLAMD_URL = "tcp://127.0.0.1:1"
    assert "try again later" in refusal(picture())


def test_a_scanner_that_hangs_is_given_up_soon(settings, monkeypatch):
    monkeypatch.setattr(clamav, "PING_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.CLAMD_URL = f"tcp://127.0.0.1:{silent.getsockname()[1]}"

        assert "try again later" in refusal(picture())


# Attaching


@pytest.fixture
def record(db):
    return CertificationFactory(profile__owner=person())


def attach(browser, record, content, name="certificate.png"):
    url = f"{record.get_absolute_url()}documents/"
    return browser.post(url, {"document": SimpleUploadedFile(name, content)})


@pytest.fixture
def owner(record, client):
    client.force_login(record.profile.users.get())
    return client


@pytest.mark.slow
def test_attaching_a_document_opens_a_case(record, owner):
    response = attach(owner, record, picture(), "../my cert.png")

    assert response.url == record.get_absolute_url()
    document = Document.objects.get()
    assert (document.name, document.kind, document.uploaded_by) == ("my cert.png", "png", record.profile.users.get())
    assert "my cert" not in str(document.file.name)
    case = Case.objects.get()
    assert (case.certification, case.causes, case.decided_at) == (record, ["document"], None)
    page = owner.get(record.get_absolute_url()).text
    assert "my cert.png" in page
    assert "In review since" in page
    assert "because you attached a document" in page


def test_after_adding_a_document_is_attached_on_that_page_and_named_there(owner, record):
    added = f"{record.section_url}added/?record={record.pk}"
    assert "Attach your certificate" in owner.get(added).text
    file = SimpleUploadedFile("certificate.png", picture())

    response = owner.post(f"{record.get_absolute_url()}documents/", {"document": file, "next": added}, follow=True)

    assert response.redirect_chain == [(added, 302)]
    assert "Your certificate is attached" in response.text
    elsewhere = {"document": SimpleUploadedFile("again.png", picture()), "next": "https://example.test/"}
    refused = owner.post(f"{record.get_absolute_url()}documents/", elsewhere, follow=True)
    assert "example.test" not in str(refused.redirect_chain)


@pytest.mark.slow
def test_a_refused_document_leaves_nothing_behind(record, owner):
    response = attach(owner, record, b"<svg/>")

    assert response.status_code == 200
    assert "an SVG drawing" in response.text
    assert not Document.objects.exists()
    assert not Case.objects.exists()


@pytest.mark.slow
def test_a_file_that_is_too_large_is_refused(record, owner):
    response = attach(owner, record, b"\xff\xd8\xff" + b"0" * (uploads.MOST + 1))

    assert "must be 25 MB or smaller" in response.text
    assert not Document.objects.exists()


@pytest.mark.slow
def test_a_second_copy_and_a_sixth_document_are_refused_and_not_stored(record, owner):
    for number in range(5):
        attach(owner, record, picture(color=(number, 0, 0)))
    stored = Document.objects.first().file.storage
    kept = len(stored.listdir("documents")[1])

    assert "already attached this file" in attach(owner, record, picture(color=(0, 0, 0))).text
    assert "up to 5 documents" in owner.get(record.get_absolute_url()).text
    assert "up to 5 documents" in attach(owner, record, picture(color=(9, 9, 9))).text
    assert Document.objects.count() == 5
    assert len(stored.listdir("documents")[1]) == kept


@pytest.mark.slow
def test_two_owners_who_attach_at_once_lose_nothing(record):
    with TestCase.captureOnCommitCallbacks():
        keeping.attach(record, SimpleUploadedFile("a.png", picture(color="red")), by=None)
        keeping.attach(record, SimpleUploadedFile("b.png", picture(color="blue")), by=None)

    assert sorted(Document.objects.values_list("name", flat=True)) == ["a.png", "b.png"]
    case = Case.objects.get()
    assert (case.causes, case.version) == (["document"], 1)


# Reading


def readers(record):
    agency_member = UserFactory()
    MembershipFactory(profile=record.profile, user=agency_member, role=Membership.Role.MEMBER)
    permissions = Permission.objects.filter(codename__in=["view_certification", "read_document"])
    return {
        "owner": (record.profile.users.order_by("pk").first(), 200),
        "staff who may": (staff(*permissions), 200),
        "staff who read records only": (staff(permissions.get(codename="view_certification")), 404),
        "staff with the other permission only": (staff(permissions.get(codename="read_document")), 404),
        "member": (agency_member, 404),
        "another talent": (CertificationFactory(profile__owner=person()).profile.users.get(), 404),
        "Enterprise client": (client_person("enterprise"), 404),
    }


@pytest.mark.slow
@pytest.mark.parametrize("path", ["", "pages/1/"])
def test_only_editors_and_staff_with_the_permission_read_a_document(record, path):
    document = DocumentFactory(certification=record)
    url = f"{document.get_absolute_url()}{path}"

    for who, (user, status) in readers(record).items():
        browser = Browser()
        sign_in(browser, user)
        assert browser.get(url).status_code == status, who
    assert "/accounts/login/" in Browser().get(url)["Location"]


def test_a_browser_saves_a_document_and_never_shows_it(record, owner):
    document = DocumentFactory(certification=record, name='a"b.png')

    response = owner.get(document.get_absolute_url())

    assert response["Content-Disposition"] == 'attachment; filename="a\\"b.png"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert "no-store" in response["Cache-Control"]
    assert response.content == picture()


def test_every_read_by_staff_is_logged(record):
    document = DocumentFactory(certification=record)
    browser, user = Browser(), staff(is_superuser=True)
    sign_in(browser, user)

    browser.get(document.get_absolute_url())
    browser.get(f"{document.get_absolute_url()}pages/1/")

    pages = [document.get_absolute_url(), f"{document.get_absolute_url()}pages/1/"]
    assert sorted(StaffRead.objects.filter(staff=user, certification=record).values_list("page", flat=True)) == pages


# Keeping and deleting


@pytest.mark.slow
def test_an_owner_keeps_and_deletes_a_document(record, owner):
    document = DocumentFactory(certification=record, reviewed_at=timezone.now())
    url = f"{record.get_absolute_url()}documents/{document.key}/"
    assert "Deleted on" in owner.get(record.get_absolute_url()).text

    owner.post(f"{url}keep/", {"on": "1"})
    assert "Kept until you delete it" in owner.get(record.get_absolute_url()).text
    question = owner.get(f"{url}delete/").text
    assert f'Delete <bdi translate="no">{document.name}</bdi>?' in question
    assert Document.objects.exists()  # looking deletes nothing
    with TestCase.captureOnCommitCallbacks(execute=True):
        owner.post(f"{url}delete/")

    assert not Document.objects.exists()
    assert not document.file.storage.exists(str(document.file.name))
    for ask in (owner.get, owner.post):
        assert "already deleted" in ask(f"{url}delete/", follow=True).text


def test_documents_are_deleted_90_days_after_the_decision_unless_kept(record):
    now = timezone.now()
    old, recent = now - timedelta(days=91), now - timedelta(days=89)
    gone = DocumentFactory(certification=record, name="gone", reviewed_at=old)
    DocumentFactory(certification=record, name="kept", reviewed_at=old, is_kept=True)
    DocumentFactory(certification=record, name="recent", reviewed_at=recent)
    DocumentFactory(certification=record, name="undecided", uploaded_at=old)
    DocumentFactory(certification=CertificationFactory(withdrawn_at=old), name="withdrawn", is_kept=True)

    with TestCase.captureOnCommitCallbacks(execute=True):
        assert keeping.remove_old() == 2

    assert sorted(Document.objects.values_list("name", flat=True)) == ["kept", "recent", "undecided"]
    assert not gone.file.storage.exists(str(gone.file.name))
    assert keeping.remove_old() == 0
    assert mail.outbox == []
