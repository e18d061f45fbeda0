"""The start page of the administration: what waits for staff, and then the menus by subject."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse

from common.work import Work, waiting_for_staff


class Subject(NamedTuple):
    """A part of the menu. `models` maps the labels of models, in their order, to what the menu calls them.

    `pages` are further pages: the name of the address, what the menu calls it, and the permissions that it takes.
    """

    name: str
    models: dict[str, str]
    pages: tuple[tuple[str, str, tuple[str, ...]], ...] = ()


SUBJECTS = (
    Subject(
        "Review",
        {
            "verification.Case": "Cases",
            "certifications.Certification": "Certifications",
            "certifications.Concern": "Concerns",
            "certifications.Disclosure": "Answers about certification",
        },
        pages=(
            (
                "admin:certifications_support",
                "Who sees what",
                ("certifications.view_certification", "profiles.view_client"),
            ),
        ),
    ),
    Subject("Registers", {"verification.Register": "Registers", "verification.RegisterFile": "Register files"}),
    Subject(
        "Roll-out",
        {
            "rollout.RolloutPolicy": "Who sees certifications",
            "impact.Tally": "Monitor",
            "impact.Alarm": "Alarms",
            "impact.ContractFile": "Contract files",
        },
    ),
    Subject(
        "Payments",
        {"spend.PaymentFile": "Payment files", "spend.Disputed": "Disputed payments"},
    ),
    Subject(
        "Clients",
        {
            "profiles.Client": "Clients",
            "profiles.ClientMembership": "Client members",
            "sourcing.TermsAcceptance": "Terms accepted",
            "sourcing.Export": "Exports",
            "certifications.UnusedType": "Types turned off by clients",
            "integrations.EmailDomain": "Email domains",
            "integrations.IdentityProvider": "Identity providers",
        },
    ),
    Subject(
        "People and profiles",
        {
            "profiles.User": "People",
            "profiles.Profile": "Profiles",
            "profiles.Membership": "Profile members",
            "profiles.Invitation": "Member invitations",
            "account.EmailAddress": "Email addresses",
            "mfa.Authenticator": "Second factors",
            "auth.Group": "Staff groups",
        },
    ),
    Subject(
        "Catalog",
        {
            "certifications.CertificationType": "Certification types",
            "certifications.Certificate": "Certificates",
            "certifications.CertifyingBody": "Certifiers",
            "certifications.CountryInterest": "Interest from other countries",
        },
    ),
    Subject(
        "Logs",
        {
            "certifications.StaffRead": "Records viewed by staff",
            "certifications.ErasureCount": "Data deleted by owners",
            "common.Mail": "Email not sent",
            "django_tasks_database.DBTaskResult": "Background tasks",
        },
    ),
)

NAMES = {label: name for subject in SUBJECTS for label, name in subject.models.items()}


def by_subject(request: HttpRequest, apps: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return Django's list of apps arranged by SUBJECTS, without those of which this person may open nothing."""
    found = {model["model"]._meta.label: model for app in apps for model in app["models"]}
    subjects = []
    for number, subject in enumerate(SUBJECTS):
        models = [found.pop(label) | {"name": name} for label, name in subject.models.items() if label in found]
        models += [
            {"name": name, "object_name": "page", "admin_url": reverse(url), "add_url": None}
            for url, name, needs in subject.pages
            if request.user.has_perms(needs)
        ]
        if models:
            subjects.append({"name": subject.name, "app_label": f"subject-{number}", "models": models})
    _mark_open(request.path, [model for subject in subjects for model in subject["models"]])
    return subjects


def _mark_open(path: str, models: list[dict[str, Any]]) -> None:
    """Mark the one line of the menu that `path` belongs to: a page may lie below the address of another line."""
    addresses = [model["admin_url"] for model in models if model["admin_url"] and path.startswith(model["admin_url"])]
    for model in models:
        model["is_open"] = model["admin_url"] == max(addresses, key=len, default="")


def work(request: HttpRequest) -> list[Work]:
    """Return what waits for this person, the urgent first."""
    found = [work for works in waiting_for_staff(request) for work in works]
    return sorted(found, key=lambda work: (not (work.is_urgent and work.count), not work.count))
