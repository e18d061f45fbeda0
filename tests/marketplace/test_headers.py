"""The headers that guard every response, and what the site tells people who look for weaknesses."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from marketplace import views
from marketplace.middleware import GUARDS

pytestmark = pytest.mark.django_db


def test_every_kind_of_response_is_guarded(client, monkeypatch):
    client.raise_request_exception = False
    default_storage.save("photos/guarded.webp", ContentFile(b"photo"))
    answers = {
        path: client.get(path) for path in ["/talent/", "/accounts/notifications/", "/photos/guarded.webp", "/none/"]
    }
    answers["refused"] = client.get("/", headers={"host": "other.example"})

    def fail(request):
        raise ValueError

    monkeypatch.setattr(views.talent, "search", fail)
    answers["failed"] = client.get("/talent/")

    assert [answer.status_code for answer in answers.values()] == [200, 302, 200, 404, 400, 500]
    for name, answer in answers.items():
        answer.getvalue()  # which closes a file
        assert {header: answer.headers.get(header) for header in GUARDS} == GUARDS, name


def test_security_txt_says_where_to_report_and_expires_in_half_a_year(client, settings):
    settings.SECURITY_CONTACT = "mailto:security@example.com"

    response = client.get("/.well-known/security.txt")

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    lines = dict(line.split(": ", 1) for line in response.text.splitlines())
    until = datetime.strptime(lines.pop("Expires"), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(days=170) < until - timezone.now() < timedelta(days=365)
    assert lines == {
        "Contact": "mailto:security@example.com",
        "Preferred-Languages": "en",
        "Canonical": f"{settings.SITE_URL}/.well-known/security.txt",
    }


def test_without_a_contact_security_txt_does_not_exist(client):
    assert client.get("/.well-known/security.txt").status_code == 404
