"""Every address of the URLconf, once for each thing of a small site (`tests/site.py`) that it can name.

A new page that takes what another one takes is found by itself. For any other, say here what fills its parameters.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from certifications.mail.sending import stop_link
from certifications.models import CertificationType, Concern
from common.models import Draft
from integrations.models import (
    AccessToken,
    Delivery,
    DirectoryGroup,
    DirectoryPerson,
    DirectoryToken,
    EmailDomain,
    Webhook,
)
from marketplace import found
from profiles.forms import SECTIONS
from profiles.models import Invitation, Profile
from sourcing.models import Export, SavedSearch, Shortlist, ShortlistEntry, TalkInvitation
from spend.models import Goal, IssuedReport, Payment, ReportDraft, VendorList
from verification.models import Document

if TYPE_CHECKING:
    from tests.site import Site

Kwargs = dict[str, Any]


class Route(NamedTuple):
    """A pattern of the URLconf, with all that stands before it."""

    name: str  # with its namespace; "" for one without
    text: str  # as it is written
    parameters: frozenset[str]


def paths(site: "Site") -> list[str]:
    """Return every address. Raises LookupError on one of which nothing here says what fills it."""
    return list(dict.fromkeys(path for route in routes() for path in paths_of(route, site)))


def routes(
    patterns: Iterable[URLPattern | URLResolver] | None = None, before: str = "", namespace: str = ""
) -> Iterator[Route]:
    """Yield the routes of the URLconf in its order."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        text = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern.url_patterns, text, inner)
        else:
            parameters = re.findall(r"<(?:\w+:)?(\w+)>", text)
            yield Route(f"{namespace}{pattern.name}" if pattern.name else "", text, frozenset(parameters))


def of_profile(profile: Profile) -> Kwargs:
    return {"kind": profile.kind, "slug": profile.slug}


def pages(site: "Site") -> list[Kwargs]:
    return [of_profile(profile) for profile in site.profiles]


def rows_of_pages(related: str):
    """The rows of each profile by the name of their relation, as what an address takes beside the profile."""
    return lambda site: [
        of_profile(profile) | {"pk": row.pk}
        for profile in site.profiles
        for row in getattr(profile, related).order_by("pk")
    ]


def rows(model: type[Model], field: str = "pk", parameter: str = "pk"):
    """The rows of a table by one of their attributes."""
    return lambda site: [{parameter: getattr(row, field)} for row in model._default_manager.order_by("pk")]


def rows_of(place: str, related: str):
    """The rows of the site's agency or client."""

    def kwargs(site: "Site") -> list[Kwargs]:
        owner = getattr(site, place)
        return [{"slug": owner.slug, "pk": row.pk} for row in getattr(owner, related).order_by("pk")]

    return kwargs


def payments_to_pages(site: "Site") -> list[Kwargs]:
    payments = Payment.objects.filter(profile__in=site.profiles).select_related("profile").order_by("pk")
    return [of_profile(payment.profile) | {"payment": payment.pk} for payment in payments if payment.profile]


def profiles_on_shortlists(site: "Site") -> list[Kwargs]:
    keys = Shortlist.objects.order_by("pk").values_list("key", flat=True)
    return [of_profile(profile) | {"shortlist_id": key} for profile, key in product(site.profiles, keys)]


def documents_of_pages(site: "Site") -> list[Kwargs]:
    documents = Document.objects.select_related("certification__profile").order_by("certification__profile", "pk")
    return [
        of_profile(document.certification.profile) | {"pk": document.certification_id, "key": document.key}
        for document in documents
    ]


def deliveries(site: "Site") -> list[Kwargs]:
    return [{"pk": delivery.webhook_id, "key": delivery.key} for delivery in Delivery.objects.order_by("pk")]


def directory_entries(site: "Site") -> list[Kwargs]:
    entries = [f"Users/{person.pk}" for person in DirectoryPerson.objects.order_by("pk")]
    return [{"client": site.client.slug, "path": path} for path in ("Users", "Groups", "Schemas", *entries)]


# What fills the parameters of a view, by its name where others take the same ones for something else.
BY_VIEW = {
    "certifications:concern_receipt": rows(Concern, "reference", "reference"),
    "certifications:stop_mail": lambda site: [
        resolve(link).kwargs for link in (stop_link("reminders", 0, 0), stop_link("digest", 0))
    ],
    "certifications:type_guide": rows(CertificationType, "key", "key"),
    "sitemap_part": lambda site: [{"section": part} for part in found.PARTS],
    "draft": rows(Draft, parameter="key"),
    "draft_discard": rows(Draft, parameter="key"),
    **{
        f"integrations:{name}": rows(Webhook)
        for name in (
            "webhook",
            "webhook_edit",
            "webhook_secret",
            "webhook_rotate",
            "webhook_test",
            "webhook_off",
            "webhook_on",
            "webhook_delete",
        )
    },
    "integrations:delivery": deliveries,
    "integrations:domain_check": rows(EmailDomain),
    "integrations:domain_remove": rows(EmailDomain),
    "openid_connect_callback": lambda site: [{"provider_id": site.client.slug}],
    "openid_connect_login": lambda site: [{"provider_id": site.client.slug}],
    **{
        name: lambda site: [{"organization_slug": site.client.slug}]
        for name in ("saml_acs", "saml_finish_acs", "saml_login", "saml_metadata")
    },
    "sign_on_leave": lambda site: [{"client": site.client.slug}],
    "integrations:delivery_resend": deliveries,
    "integrations:token_revoke": rows(AccessToken),
    **{f"api:{name}": rows(IssuedReport, "number", "number") for name in ("report", "reported", "tables")},
    **{f"api:{name}": rows(Shortlist, "key", "shortlist_id") for name in ("shortlist", "entries", "of_shortlist")},
    **{f"api:{name}": rows(TalkInvitation, parameter="invitation_id") for name in ("invitation", "withdraw")},
    **{f"api:{name}": rows(Export, parameter="export_id") for name in ("export", "file")},
    "api:table": lambda site: [
        {"number": report.number, "name": "payments"} for report in IssuedReport.objects.order_by("pk")
    ],
    "api:add": profiles_on_shortlists,
    "api:remove": profiles_on_shortlists,
    "integrations:directory_token_revoke": rows(DirectoryToken),
    "integrations:directory_group_role": rows(DirectoryGroup),
    "integrations:scim_root": lambda site: [{"client": site.client.slug}],
    "integrations:scim": directory_entries,
    "profiles:client": lambda site: [{"slug": site.client.slug}],
    "profiles:client_resend": rows_of("client", "invitations"),
    "profiles:client_withdraw": rows_of("client", "invitations"),
    "profiles:client_remove": rows_of("client", "memberships"),
    "profiles:client_role": rows_of("client", "memberships"),
    "profiles:history_delete": rows_of_pages("work_history"),
    "profiles:history_edit": rows_of_pages("work_history"),
    "profiles:invitation": rows(Invitation, "token", "token"),
    "profiles:members_resend": rows_of("agency", "invitations"),
    "profiles:members_withdraw": rows_of("agency", "invitations"),
    "profiles:members_remove": rows_of("agency", "memberships"),
    "profiles:members_role": rows_of("agency", "memberships"),
    "profiles:members": lambda site: [{"slug": site.agency.slug}],
    "profiles:photo": lambda site: [{"name": "none.webp"}],
    "spend:dispute": payments_to_pages,
    "spend:dispute_undo": payments_to_pages,
    "spend:received_from": lambda site: [
        of_profile(profile) | {"client": site.client.slug} for profile in site.profiles
    ],
    "spend:goal_delete": rows(Goal),
    "spend:goal_edit": rows(Goal),
    "spend:vendor_list": rows(VendorList),
    "spend:vendor_list_csv": rows(VendorList),
    "spend:vendor_list_delete": rows(VendorList),
    "spend:vendor_list_xlsx": rows(VendorList),
    "sourcing:compare": rows(Shortlist),
    "sourcing:entry_move": rows(ShortlistEntry),
    "sourcing:entry_note": rows(ShortlistEntry),
    "sourcing:entry_remove": rows(ShortlistEntry),
    "sourcing:entry_restore": rows(ShortlistEntry),
    "sourcing:export": rows(Export),
    "sourcing:export_file": rows(Export),
    "sourcing:search_edit": rows(SavedSearch),
    "sourcing:selected": rows(Shortlist),
    "sourcing:search_remove": rows(SavedSearch),
    "sourcing:search_restore": rows(SavedSearch),
    "sourcing:shortlist": rows(Shortlist),
    "sourcing:shortlist_remove": rows(Shortlist),
    "sourcing:shortlist_restore": rows(Shortlist),
    "sourcing:inbox_talk": rows(TalkInvitation),
    "sourcing:talk": rows(TalkInvitation),
    "sourcing:talk_withdraw": rows(TalkInvitation),
    "spend:draft": rows(ReportDraft, "key", "key"),
    "spend:draft_discard": rows(ReportDraft, "key", "key"),
    "spend:report": rows(IssuedReport, "number", "number"),
    "spend:report_changes": rows(IssuedReport, "number", "number"),
    "spend:report_changes_file": lambda site: [
        {"number": report.number, "suffix": "csv"} for report in IssuedReport.objects.order_by("pk")
    ],
    "spend:report_payments": rows(IssuedReport, "number", "number"),
    "spend:supersede": rows(IssuedReport, "number", "number"),
    "spend:pack": rows(IssuedReport, "number", "number"),
    "spend:pack_file": rows(IssuedReport, "number", "number"),
    "spend:report_table": lambda site: [
        {"number": report.number, "name": name, "suffix": suffix}
        for report in IssuedReport.objects.order_by("pk")
        for name, suffix in (("payments", "csv"), ("types", "xlsx"))
    ],
    "account_confirm_email": lambda site: [{"key": "abc"}],
    "account_reset_password_from_key": lambda site: [{"uidb36": "1", "key": "abc"}],
}
# What fills the parameters of all other views that take just these.
BY_PARAMETERS = {
    frozenset(): lambda site: [{}],
    frozenset({"kind", "slug"}): pages,
    frozenset({"kind", "slug", "section"}): lambda site: [
        kwargs | {"section": section} for kwargs, section in product(pages(site), SECTIONS)
    ],
    frozenset({"kind", "slug", "pk"}): rows_of_pages("certifications"),
    frozenset({"kind", "slug", "pk", "key"}): documents_of_pages,
    frozenset({"key"}): rows(Document, "key", "key"),
    frozenset({"key", "number"}): lambda site: [
        {"key": key, "number": 1} for key in Document.objects.order_by("pk").values_list("key", flat=True)
    ],
}


def paths_of(route: Route, site: "Site") -> list[str]:
    if route.text.startswith("admin/"):
        return paths_of_admin(route, site)
    fill = BY_VIEW.get(route.name) or BY_PARAMETERS.get(route.parameters)
    if fill is None:
        message = f"Say in tests/addresses.py, under {route.name!r}, which rows of the site fill “{route.text}”."
        raise LookupError(message)
    if not route.name:
        return [f"/{route.text}"]
    return [reverse(route.name, kwargs=kwargs) for kwargs in fill(site)]


def paths_of_admin(route: Route, site: "Site") -> list[str]:
    """Return the addresses of a route of the administration, where some have no name: of each table the first row."""
    if "app_label" in route.parameters:
        return [f"/admin/{label}/" for label in sorted({model._meta.app_label for model in admin.site._registry})]
    if "content_type_id" in route.parameters:
        return [f"/admin/r/{ContentType.objects.get_for_model(Profile).pk}/{site.freelancer.pk}/"]
    if "url" in route.parameters:
        return ["/admin/nothing-here/"]
    found = re.match(r"admin/(\w+)/(\w+)/(<(?:\w+:)?\w+>)/", route.text)
    if not found:
        return [f"/{route.text}"]
    label, name, parameter = found.groups()
    [model] = [
        model for model in admin.site._registry if (model._meta.app_label, model._meta.model_name) == (label, name)
    ]
    first = model._default_manager.order_by("pk").first()
    return [f"/{route.text.replace(parameter, str(first.pk))}"] if first else []
