"""Photos and private files in buckets of an S3 service, and a disk that is full."""

import errno
import time
from types import SimpleNamespace
from typing import NamedTuple

import boto3
import pytest
from botocore.exceptions import ClientError
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from moto import mock_aws
from storages.backends.s3 import S3Storage

from common import files, pauses, unwanted
from marketplace import buckets, closing
from marketplace.settings import file_storage
from profiles.models import Profile
from tests.factories import MembershipFactory, picture
from tests.site import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


class Editor(NamedTuple):
    browser: Browser
    form: str
    profile: Profile

    def send_photo(self):
        return self.browser.post(self.form, {"photo": SimpleUploadedFile("me.png", picture())})


@pytest.fixture
def _buckets(settings, monkeypatch):
    buckets.pause_of.cache_clear()  # no other test's service failed a moment ago
    values = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in {**values, "PHOTO_BUCKET": "photos", "PRIVATE_BUCKET": "private"}.items():
        monkeypatch.setenv(name, value)
    settings.STORAGES = settings.STORAGES | {
        "default": file_storage("PHOTO_BUCKET", {}),
        "private": file_storage("PRIVATE_BUCKET", {}),
    }


@pytest.fixture
def s3(_buckets):
    with mock_aws():
        service = boto3.client("s3")
        service.create_bucket(Bucket="photos")
        service.create_bucket(Bucket="private")
        yield service


def keys(s3, bucket):
    return [row["Key"] for row in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_a_photo_lives_in_its_bucket_and_is_served_by_the_site(client, s3):
    membership = MembershipFactory(role="owner")
    profile = membership.profile
    sign_in(client, membership.user)
    form = f"{profile.get_absolute_url()}edit/photo/"

    client.post(form, {"photo": SimpleUploadedFile("me.png", picture())})
    profile.refresh_from_db()

    assert keys(s3, "photos") == [profile.photo.name]
    assert s3.head_object(Bucket="photos", Key=profile.photo.name)["ServerSideEncryption"] == "AES256"
    assert profile.photo_url.startswith("/photos/")
    served = client.get(profile.photo_url)
    assert b"".join(served.streaming_content)[8:12] == b"WEBP"
    assert served["Content-Type"] == "image/webp"
    assert served["Cache-Control"] == "public, max-age=31536000, immutable"
    assert served["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in served["Content-Security-Policy"]


def test_a_photo_that_is_not_in_the_bucket_is_not_found(client, s3):
    assert client.get("/photos/nothing.webp").status_code == 404


def test_the_address_of_photos_reads_nothing_else_of_the_bucket(client, s3):
    s3.put_object(Bucket="photos", Key="other.webp", Body=b"other")
    s3.put_object(Bucket="photos", Key="photos/other.pdf", Body=b"other")

    assert client.get("/photos/..%2Fother.webp").status_code == 404
    assert client.get("/photos/other.pdf").status_code == 404


def test_a_private_file_is_kept_encrypted_read_and_deleted(s3):
    storage = storages["private"]

    name = storage.save("documents/a", ContentFile(b"certificate"))

    assert s3.head_object(Bucket="private", Key=name)["ServerSideEncryption"] == "AES256"
    with storage.open(name) as opened:
        assert opened.read() == b"certificate"
    storage.delete(name)
    assert keys(s3, "private") == []


@pytest.fixture
def dead_port(_buckets, settings):
    """Let nothing answer where the buckets are."""
    storages = settings.STORAGES
    for name in ("default", "private"):
        storages[name]["OPTIONS"]["endpoint_url"] = "http://127.0.0.1:1"
    settings.STORAGES = dict(storages)


@pytest.fixture
def editor(client):
    """The browser of a profile's owner, which reads error pages, and the address of the form for the photo."""
    client.raise_request_exception = False
    membership = MembershipFactory(role="owner")
    sign_in(client, membership.user)
    return Editor(client, f"{membership.profile.get_absolute_url()}edit/photo/", membership.profile)


@pytest.mark.usefixtures("dead_port")
def test_while_the_service_is_down_files_are_unavailable_and_pages_are_not(editor):
    read = editor.browser.get("/photos/some.webp")
    sent = editor.send_photo()

    assert (read.status_code, read["Retry-After"]) == (503, "10")
    assert (sent.status_code, sent["Retry-After"]) == (503, "10")
    editor.profile.refresh_from_db()
    assert not editor.profile.photo
    assert editor.browser.get(editor.form).status_code == 200


@pytest.mark.usefixtures("dead_port")
def test_a_service_that_failed_is_left_alone_for_a_while(monkeypatch):
    storage = storages["private"]
    asked = []
    monkeypatch.setattr(S3Storage, "exists", lambda self, name: asked.append(name))
    with pytest.raises(files.Unavailable):
        storage.open("documents/a")

    with pytest.raises(files.Unavailable):
        storage.exists("documents/b")
    with pytest.raises(files.Unavailable):
        storages["default"].exists("photos/b")
    later = time.monotonic() + buckets.PAUSE_SECONDS
    monkeypatch.setattr(pauses, "time", SimpleNamespace(monotonic=lambda: later))
    storage.exists("documents/c")

    assert asked == ["documents/c"]


@pytest.mark.usefixtures("_buckets")
@pytest.mark.parametrize(("status", "raised"), [(503, files.Unavailable), (403, ClientError)])
def test_a_service_that_says_it_failed_is_unavailable(status, raised, monkeypatch):
    def answer(self, name):
        raise ClientError({"ResponseMetadata": {"HTTPStatusCode": status}}, "HeadObject")

    monkeypatch.setattr(S3Storage, "exists", answer)

    with pytest.raises(raised):
        storages["private"].exists("documents/a")


def test_a_full_disk_is_told_as_unavailable(editor, monkeypatch):
    def save(self, name, content):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", save)

    sent = editor.send_photo()

    assert (sent.status_code, sent["Retry-After"]) == (503, "10")
    editor.profile.refresh_from_db()
    assert not editor.profile.photo


@pytest.mark.usefixtures("dead_port")
def test_an_account_is_closed_while_the_service_of_its_photo_is_down(django_capture_on_commit_callbacks):
    profile = MembershipFactory(role="owner", profile__photo="photos/some.webp").profile
    user = profile.users.get()

    with django_capture_on_commit_callbacks(execute=True):
        closing.close(user)

    assert not Profile.objects.exists()


def test_what_the_service_could_not_delete_is_deleted_by_a_later_run(
    s3, django_capture_on_commit_callbacks, monkeypatch
):
    name = storages["default"].save("photos/some.webp", ContentFile(b"a face"))
    user = MembershipFactory(role="owner", profile__photo=name).profile.users.get()
    pause = buckets.pause_of(None)  # of the service without an address of its own
    pause.begin()
    with django_capture_on_commit_callbacks(execute=True):
        closing.close(user)

    assert unwanted.delete_waiting() == 1
    assert keys(s3, "photos") == [name]

    monkeypatch.setattr(pause, "_until", 0)
    assert unwanted.delete_waiting() == 0
    assert keys(s3, "photos") == []
