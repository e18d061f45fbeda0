"""The people of a drill. `manage.py shell` imports this, with the settings of the site that the drill runs."""

import time
import uuid
from contextlib import suppress
from hashlib import sha256

from django.conf import settings
from django.test import Client as Browser
from django.utils import timezone

from certifications.entry import attestation
from certifications.models import Certificate, Certification
from deploy.drills.load import Member
from profiles.models import Membership, Profile, User, WorkHistory
from verification.models import Document

CSRF_TOKEN = "d" * 32


def make(total: int) -> list[Member]:
    """Return so many new members, each signed in, with a profile, a position in its history and a certification."""
    return [_member(number) for number in range(total)]


def _member(number: int) -> Member:
    user = User.objects.create_user(f"drill{number}@example.com", name="Robin Drill")
    profile = Profile.objects.create(
        kind=Profile.Kind.FREELANCER, slug=f"drill-{number}", name="Robin Drill", country="US", state="OR"
    )
    Membership.objects.create(user=user, profile=profile, role=Membership.Role.OWNER)
    position = WorkHistory.objects.create(profile=profile, title="Work 0", organization="Drill", started_in=2020)
    now = timezone.now()
    certificate = Certificate.objects.filter(type__isnull=False).earliest("pk")
    record = Certification.objects.create(
        profile=profile,
        type=certificate.type,
        certificate=certificate,
        legal_business_name="Robin Drill",
        number=f"DRILL-{number}",
        does_not_expire=True,
        attestation=attestation.VERSION,
        attested_by=user,
        attested_at=now,
        self_reported_at=now,
        agreed_plans=[],
        submission=uuid.uuid4(),
    )
    browser = Browser()
    browser.force_login(user)
    session = browser.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session.save()
    cookies = {settings.SESSION_COOKIE_NAME: session.session_key, settings.CSRF_COOKIE_NAME: CSRF_TOKEN}
    return Member(
        cookie="; ".join(f"{name}={value}" for name, value in cookies.items()),
        profile=profile.get_absolute_url(),
        certification=record.get_absolute_url(),
        position=position.pk,
    )


def damaged_documents() -> list[str]:
    """Return the names of the documents whose file is not, or not wholly, where the site keeps it."""
    return [document.name for document in Document.objects.all() if not _is_whole(document)]


def _is_whole(document: Document) -> bool:
    with suppress(FileNotFoundError), document.file.open() as file:
        return sha256(file.read()).hexdigest() == document.sha256
    return False
