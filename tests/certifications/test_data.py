"""The history, the copy and the erasure of what is kept about a profile's certifications."""

import csv
import io
import json
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pghistory
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from certifications.data import copy, erasure
from certifications.data.about import models_about_profiles, rows_about
from certifications.data.history import history_for_editors
from certifications.models import (
    Block,
    Certification,
    CountryInterest,
    DigestSubscription,
    Disclosure,
    ErasureCount,
    Evidence,
    NamedClient,
    SentMail,
    StaffRead,
    UsBusiness,
)
from certifications.sharing import seen_by
from common.history import events_of
from common.models import Draft
from common.translation import plain
from impact.models import Contract
from integrations.models import Given
from profiles.models import Membership, Profile
from profiles.viewer import Viewer
from sourcing import listing
from sourcing.models import CertifiedListing, Listing, SavedMatch, ShortlistEntry, TalkInvitation
from spend.models import Disputed, Payment
from tests.factories import (
    AgencyFactory,
    CaseFactory,
    CertificationFactory,
    ClientFactory,
    ClientViewFactory,
    ConcernFactory,
    EvidenceFactory,
    MembershipFactory,
    PaymentFactory,
    ProfileFactory,
    RegisterFactory,
    RegisterMatchFactory,
    UserFactory,
    picture,
)
from tests.site import client_person, sign_in
from verification.models import Document, RegisterEnding, RegisterNews

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


# What is no part of the section's data: the listing, which the database writes anew from what is left (tested below);
# what a client notes, asks and pays of any profile, certified or not; and matches, which go with the consent.
APART = {Contract, Listing, Payment, CertifiedListing, ShortlistEntry, TalkInvitation, SavedMatch}


SECTION = {"certifications", "verification", "spend", "integrations", "profiles"}  # the apps whose tables are erased


@pytest.fixture
def lived(client):
    """An agency to which everything has happened that the section knows of, by its owner and by staff."""
    owner = UserFactory(name="Ada Ames", email="ada@example.test")
    agency = AgencyFactory(name="Ames Works", owner=owner)
    sign_in(client, owner, again=True)
    record = CertificationFactory(
        profile=agency, legal_business_name="LEAKNAME LLC", number="LEAKNUMBER", other_body="LEAKBODY"
    )
    named = ClientFactory(name="Bright Foods")
    url = f"{agency.get_absolute_url()}certifications/"
    for path, data in (
        (f"{record.pk}/hide/", {}),
        (f"{record.pk}/show/", {}),
        (f"{record.pk}/audience/", {"audience": "named"}),
        (f"{record.pk}/audience/name/", {"client": named.slug}),
        (f"{record.pk}/renewal/", {"filed_on": agency.today()}),
        (f"{record.pk}/withdraw/", {}),
        (f"{record.pk}/restore/", {}),
        ("blocks/add/", {"client": ClientFactory(name="Zeta Works").slug}),
        ("consent/", {"purpose": "find", "on": "1", "plans": ["enterprise"]}),
        ("consent/", {"purpose": "show"}),
        ("consent/", {"purpose": "show", "on": "1", "plans": ["enterprise"]}),
        ("hide-all/", {}),
        ("show-all/", {}),
        ("hide-all/", {}),
        ("seen-by/digest/", {"on": "1"}),
        (f"{record.pk}/reminders/", {}),
    ):
        assert client.post(url + path, data).status_code == 302
    staff = UserFactory(is_staff=True, name="Sam Staff")
    with pghistory.context(user=staff.pk, url="/admin/"):
        record.suspend(by=staff, reason="under_check", note="LEAKNOTE")
        Certification.objects.filter(pk=record.pk).update(number="LEAKOLDER")
    Disclosure.objects.create(profile=agency, answer="disclosed", answered_by=owner)
    CountryInterest.objects.create(profile=agency, country="US")
    UsBusiness.objects.create(profile=agency, stated_by=owner)
    StaffRead.objects.create(certification=record, staff=UserFactory(is_staff=True), page=f"{url}{record.pk}/")
    ClientViewFactory(profile=agency, client=named, filters={"q": "LEAKSEARCH"})
    concern = {"profile": agency, "certification": record, "text": "LEAKCONCERN"}
    ConcernFactory(reporter=UserFactory(email="reporter@example.test"), **concern)
    SentMail.objects.create(profile=agency, key=f"reminder:{record.pk}:LEAKKEY")
    attached = SimpleUploadedFile("LEAKFILE.png", picture())
    assert client.post(f"{url}{record.pk}/documents/", {"document": attached}).status_code == 302
    EvidenceFactory(certification=record, source="LEAKSOURCE")
    match = RegisterMatchFactory(record=record, evidence__ended_at=timezone.now(), evidence__ended_because="vanished")
    RegisterEnding.objects.create(evidence=match.evidence, file=match.register.current)
    news = {"register": RegisterFactory(), "was_listed": False, "due_at": timezone.now()}
    RegisterNews.objects.create(certification=record, **news)
    CaseFactory(certification=record, outcome="refused", reason="not_found", note="LEAKDECISION", decided_by=staff)
    PaymentFactory(profile=agency, client=named, cost_center="Quince desk")
    Given.objects.create(client=named, certification=record, key=uuid.uuid4(), given_at=timezone.now())
    Disputed.objects.create(profile=agency, external_id="LEAKPAYMENT", disputed_by=owner)
    return agency


# The history


def test_the_history_has_every_change_in_words_with_who_made_it(lived):
    said = [(plain(e.who), plain(sentence)) for e in history_for_editors(lived) for sentence in e.sentences]

    for expected in (
        ("Ada Ames", "Hidden"),
        ("Ada Ames", "Shown again"),
        ("Ada Ames", "Who can see it: Only clients I choose"),
        ("Ada Ames", "Bright Foods can see it"),
        ("Ada Ames", "Removed"),
        ("Ada Ames", "Restored"),
        ("Ada Ames", "Blocked Zeta Works"),
        ("Ada Ames", "Attached “LEAKFILE.png”"),
        ("Ada Ames", "Turned on “Let clients find me by certification” (version 2026-11-27)"),
        ("Ada Ames", "Turned off “Show certifications on my profile”"),
        ("Ada Ames", "All certifications hidden"),
        ("Ada Ames", "All certifications shown again"),
        ("The marketplace", "Suspended: a concern was reported and is being checked"),
        ("The marketplace", "Certificate number: LEAKNUMBER → LEAKOLDER"),
    ):
        assert expected in said
    assert not any("Sam Staff" in who for who, _ in said)
    assert any(sentence.startswith("Renewal filed ") for _, sentence in said)


def test_an_agencys_admins_see_which_of_them_did_what(lived, client):
    admin = UserFactory(name="Bo Admin")
    MembershipFactory(profile=lived, user=admin, role=Membership.Role.ADMIN)
    sign_in(client, admin)
    client.post(f"{lived.get_absolute_url()}certifications/show-all/")

    text = client.get(f"{lived.get_absolute_url()}certifications/history/").text

    assert "Bo Admin" in text
    assert "Ada Ames" in text


def test_the_history_costs_the_same_however_much_happened(lived, client, django_assert_num_queries):
    url = f"{lived.get_absolute_url()}certifications/history/"
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for _ in range(3):
        CertificationFactory(profile=lived).hide()
        Block.objects.create(profile=lived, client=ClientFactory())

    with django_assert_num_queries(len(few)):
        client.get(url)


# The copy


def test_the_copy_holds_every_table_that_mentions_the_profile(lived, client):
    response = client.get(f"{lived.get_absolute_url()}certifications/copy.json")

    assert response["Content-Disposition"] == f'attachment; filename="certifications-{lived.slug}.json"'
    tables = json.loads(response.content)["tables"]
    filled = {name for name, table in tables.items() if table["rows"]}
    assert filled == {model._meta.model_name for model, _ in models_about_profiles()} | {"payment"}
    [payment] = tables["payment"]["rows"]
    assert payment["client"]["words"] == "Bright Foods"
    assert payment["amount"]["value"] == "1000.00"
    [record] = tables["certification"]["rows"]
    assert record["number"] == {"value": "LEAKOLDER", "words": "LEAKOLDER"}
    assert record["standing_by"]["words"] == "the marketplace's staff"
    [view] = tables["clientview"]["rows"]
    assert view["client"]["words"] == "Bright Foods"


def test_the_page_of_the_copy_says_the_same_and_leaves_out_other_people(lived, client):
    text = client.get(f"{lived.get_absolute_url()}certifications/copy/").text
    file = client.get(f"{lived.get_absolute_url()}certifications/copy.json").text

    for mark in ("LEAKNAME LLC", "LEAKOLDER", "LEAKNUMBER", "Bright Foods", "Zeta Works", "History of certifications"):
        assert mark in text
    for hidden in (
        "reporter@example.test",
        "LEAKCONCERN",
        "LEAKSEARCH",
        "Sam Staff",
        "readers",
        "outcome_note",
        "Quince desk",
    ):
        assert hidden not in text + file


def test_times_in_the_copy_are_those_of_the_owner_on_a_12_hour_clock():
    profile = ProfileFactory(time_zone="America/Chicago")
    at = datetime(2027, 3, 3, 23, 48, 9, tzinfo=UTC)
    Disclosure.objects.create(profile=profile, answer="disclosed", answered_at=at)

    with profile.in_its_time_zone():
        lines = list(csv.reader(io.StringIO(copy.as_csv(profile))))

    assert ["Answers about certification", "1", "Answered at", "Mar 3, 2027, 5:48 PM CST"] in lines


def test_the_file_for_spreadsheets_has_a_line_for_each_value_in_words_and_none_that_is_executed(lived, client):
    Certification.objects.filter(profile=lived).update(legal_business_name="=HYPERLINK(1) LLC")

    response = client.get(f"{lived.get_absolute_url()}certifications/copy.csv")

    assert response["Content-Disposition"] == f'attachment; filename="certifications-{lived.slug}.csv"'
    [header, *lines] = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    assert header == ["Part", "Entry", "Detail", "Value"]
    assert ["Certifications", "1", "Legal business name", "'=HYPERLINK(1) LLC"] in lines
    with lived.in_its_time_zone():
        stored = {cell.words for table in copy.tables(lived) for row in table.rows for cell in row}
    assert stored <= {value.removeprefix("'") if value.startswith("'=") else value for *_, value in lines}
    assert not any(hidden in response.text for hidden in ("LEAKCONCERN", "LEAKSEARCH", "Sam Staff"))


@pytest.mark.parametrize("file", ["copy/", "copy.csv", "copy.json"])
def test_the_copy_of_a_profile_holds_nothing_of_another(file, lived, client):
    CertificationFactory(legal_business_name="Somebody Else LLC")

    assert "Somebody Else" not in client.get(f"{lived.get_absolute_url()}certifications/{file}").text


def test_the_copy_costs_the_same_however_much_it_holds(lived, django_assert_num_queries):
    with CaptureQueriesContext(connection) as few:
        copy.tables(lived)
    for _ in range(3):
        record = CertificationFactory(profile=lived)
        NamedClient.objects.create(certification=record, client=ClientFactory())

    with django_assert_num_queries(len(few)):
        copy.tables(lived)


# The erasure


def tables_with(word):
    """The tables of the database of which any column of any row holds `word`, sessions decoded too."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            cursor.execute(f"SELECT count(*) FROM {name} AS r WHERE r::text ILIKE %s", [f"%{word}%"])  # noqa: S608
            if cursor.fetchone()[0]:
                found.add(table)
    if any(word in str(session.get_decoded()) for session in Session.objects.all()):
        found.add("django_session")
    return found


def files_with(word):
    files = [path for root in (settings.MEDIA_ROOT, settings.PRIVATE_ROOT) for path in Path(root).rglob("*")]
    return [path for path in files if path.is_file() and word.encode() in path.read_bytes()]


def test_erasing_leaves_no_trace_in_any_column_of_any_table(lived, client):
    pk = lived.certifications.get().pk
    before = tables_with("LEAK")
    document = Document.objects.get()
    stored = str(document.file.name)
    assert document.file.storage.exists(stored)
    assert {
        "certifications_certification", "certifications_certificationevent", "certifications_clientview",
        "certifications_concern", "certifications_sentmail",
    } <= before  # fmt: skip
    assert "pghistory_context" in tables_with(f"certifications/{pk}/")
    url = f"{lived.get_absolute_url()}certifications/erase/"
    assert "1 certification" in client.get(url).text

    with TestCase.captureOnCommitCallbacks(execute=True):
        response = client.post(url, {"understood": "on"}, follow=True)
    client.get(url)  # the message was read

    assert "All your certification data is deleted" in response.text
    assert tables_with("LEAK") == set()
    assert tables_with(f"certifications/{pk}/") == set()
    assert files_with("LEAK") == []
    assert not document.file.storage.exists(stored)
    assert [(model, rows.count()) for model, rows in rows_about(lived) if rows.exists()] == []
    assert ErasureCount.objects.get().count == 1
    assert Profile.objects.filter(pk=lived.pk).exists()
    to = {message.to[0]: message.body for message in mail.outbox}
    assert "be restored" in to["ada@example.test"]
    assert "The owner has removed" in to["reporter@example.test"]


def test_the_database_itself_knows_of_no_other_table_about_profiles(lived):
    """Every column of the section's tables that refers to a profile or a record, by its name, is in what is erased."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT table_name FROM information_schema.columns"
            " WHERE table_name ~ '^(certifications|verification|spend|integrations)_'"
            " AND table_name NOT IN ('spend_payment', 'spend_reportedpayee')"
            " AND column_name IN ('profile_id', 'certification_id', 'evidence_id')"
        )
        known = {name for (name,) in cursor.fetchall()}

    assert known == {model._meta.db_table for model, _ in models_about_profiles()}
    for model in apps.get_models():
        is_apart = model._meta.proxy or model in APART
        if (
            model._meta.app_label not in {"certifications", "verification", "spend", "integrations", "profiles"}
            and not is_apart
        ):
            assert not any(
                field.related_model in {Profile, Certification, Evidence} for field in model._meta.concrete_fields
            )


def test_an_erasure_leaves_the_payments_of_a_profile_and_its_deletion_leaves_the_clients_amounts(lived):
    erasure.erase(lived, by=lived.users.first())
    assert Payment.objects.get().profile == lived

    lived.delete()

    payment = Payment.objects.get()
    assert payment.profile is None
    assert payment.amount == 1000


def test_an_erasure_also_deletes_what_the_search_reads(lived):
    CertificationFactory(profile=lived, found=True)
    assert CertifiedListing.objects.filter(profile=lived).exists()

    erasure.erase(lived, by=lived.users.first())

    assert not CertifiedListing.objects.filter(profile=lived).exists()
    assert "~type" not in Listing.objects.get(profile=lived).terms
    assert listing.differences() == (0, 0)


def test_erasing_one_profile_leaves_all_others_as_they_were(lived):
    other = CertificationFactory(profile__owner=UserFactory())
    NamedClient.objects.create(certification=other, client=ClientFactory())
    before = [list(rows.values()) for _, rows in rows_about(other.profile)]

    erasure.erase(lived, by=lived.users.first())

    assert [list(rows.values()) for _, rows in rows_about(other.profile)] == before
    assert events_of(Certification).filter(pgh_obj_id=other.pk).exists()


def test_an_erasure_deletes_drafts_of_staff_about_its_records(lived):
    record, other = lived.certifications.get(), CertificationFactory(profile__owner=UserFactory())
    by = {"reporter": UserFactory()}
    rows = {
        kind: [make(certification=one, **extra).pk for one, extra in about]
        for kind, make, about in [
            ("case", CaseFactory, [(record, {"outcome": "kept"}), (other, {"outcome": "kept"})]),
            ("concern", ConcernFactory, [(record, {"profile": lived} | by), (other, {"profile": other.profile} | by)]),
        ]
    } | {"certification": [record.pk, other.pk]}
    member = lived.users.first()  # who is staff as well

    def draft(path, fields=""):
        app = "verification" if path.startswith("case") else "certifications"
        return Draft.objects.create(user=member, path=f"/admin/{app}/{path}", fields=f"{fields}&note=LEAK")

    gone, kept = [], []
    for kind, (own, others) in rows.items():
        gone += [draft(f"{kind}/{own}/change/"), draft(f"{kind}/", f"_selected_action={others}&_selected_action={own}")]
        kept += [draft(f"{kind}/{others}/change/"), draft(f"{kind}/{own}0/change/"), draft(f"{kind}/add/")]
        kept += [draft(f"{kind}/", f"_selected_action={others}"), draft(f"{kind}/", f"_selected_action={own}0")]
    [drafts] = [table for table in copy.tables(lived) if table.name == "draft"]
    assert drafts.rows == []

    erasure.erase(lived, by=member)

    assert set(Draft.objects.all()) == set(kept)


def test_erasing_asks_for_the_password_each_time_even_to_open_the_page(lived, client):
    sign_in(client, lived.users.first())  # a minute ago, but not for this
    url = f"{lived.get_absolute_url()}certifications/erase/"

    for response in (client.get(url), client.post(url, {"understood": "on"})):
        assert response.url.startswith("/accounts/reauthenticate/")
    assert lived.certifications.exists()


def test_erasing_needs_the_box_checked_and_a_second_time_finds_nothing(lived, client):
    url = f"{lived.get_absolute_url()}certifications/erase/"
    assert "Confirm that you want to delete everything listed here" in client.post(url).text
    assert lived.certifications.exists()

    assert erasure.erase(lived, by=lived.users.first()) > 10
    assert erasure.erase(lived, by=lived.users.first()) == 0
    assert ErasureCount.objects.get().count == 1
    assert "t store anything about your certifications" in client.get(url).text


def test_a_view_of_a_profile_that_is_erased_meanwhile_is_not_noted(lived, rf):
    erasure.erase(lived, by=lived.users.first())
    seen_by.note(lived, Viewer(client_person("enterprise")), rf.get("/"))

    assert not DigestSubscription.objects.exists()
    assert [model for model, rows in rows_about(lived) if rows.exists()] == []


def test_a_profile_can_add_certifications_again_after_an_erasure(lived, client):
    erasure.erase(lived, by=lived.users.first())

    record = CertificationFactory(profile=lived)

    assert sorted(entry.sentences for entry in history_for_editors(lived)) == [
        ["Added, and confirmed to be true"],
        ["Turned on “Show certifications on my profile” (version 2026-11)"],
    ]
    assert record.profile == lived
