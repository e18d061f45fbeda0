"""What the API gives of certifications: what the rule allows, noted for the owner, and taken out again."""

import uuid
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.db.models import Value
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from certifications.data import erasure
from certifications.models import Block, Certification, ClientView, Consent, Pause, local_days
from integrations.api import paging
from integrations.models import AccessToken, EventType, Given, given
from integrations.webhooks import changes
from profiles.models import Client, ClientMembership, Profile
from sourcing import shortlists
from sourcing.models import Shortlist
from tests.factories import (
    CertificateFactory,
    CertificationFactory,
    ClientMembershipFactory,
    EvidenceFactory,
    ProfileFactory,
)
from tests.integrations.programs import Program, admin_of
from tests.integrations.test_webhooks import webhook_at
from tests.site import held_out_person, person, roll_out
from tests.states import STATES

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return Program(admin_of("business"))


def moment(at=None):
    return urlencode({"": (at or timezone.now()).astimezone(UTC).isoformat()})[1:]


def later(records, **delta):
    """Let it be as if what was given and changed so far was so long ago."""
    Certification.objects.filter(pk__in=[record.pk for record in records]).update(
        details_changed_at=timezone.now() - timedelta(**delta)
    )
    Profile.objects.update(updated_at=timezone.now() - timedelta(**delta))
    Given.objects.update(given_at=timezone.now() - timedelta(**delta))
    Given.objects.exclude(gone_at=None).update(gone_at=timezone.now() - timedelta(**delta))


@pytest.mark.parametrize("state", STATES)
def test_what_the_rule_shows_is_given_and_nothing_else(program, state):
    values, is_shown = STATES[state]
    record = CertificationFactory(found=True, **values)
    on_list = Shortlist.objects.create(client=program.client, name="Bids")
    shortlists.add(on_list, record.profile, by=program.user)
    of_profile = f"/profiles/freelancer/{record.profile.slug}/certifications"
    lists = ["/certifications", f"/shortlists/{on_list.key}/certifications"]
    if record.profile.is_active:
        lists.append(of_profile)
    else:
        assert program.get(of_profile).status_code == 404

    found = {path: [row["number"] for row in program.results(path)] for path in lists}

    assert found == {path: [record.number] if is_shown else [] for path in lists}
    assert ClientView.objects.exists() == is_shown


def test_a_certification_is_told_in_full(program):
    record = CertificationFactory(found=True, profile__name="Quill & Ledger", profile__slug="quill")
    EvidenceFactory(certification=record)

    [first] = program.results("/certifications")

    assert first == {
        "id": str(Given.objects.get().key),
        "profile": {
            "kind": {"code": "freelancer", "label": "Freelancer"},
            "slug": "quill",
            "name": "Quill & Ledger",
            "url": "http://127.0.0.1:8000/freelancers/quill/",
        },
        "type": {"code": record.type.key, "label": record.type.name},
        "certificate": {"code": record.certificate.key, "label": record.label},
        "certifier": {"code": record.certificate.body.key, "label": record.body_name},
        "legal_business_name": "Quill and Ledger LLC",
        "number": record.number,
        "issued_on": None,
        "expires_on": record.expires_on.isoformat(),
        "renewal_filed_on": None,
        "verification": {
            "level": {"code": "document", "label": "Document checked"},
            "since": record.evidence.get().evidence_on.isoformat(),
        },
        "changed_at": first["changed_at"],
    }


def test_who_is_shown_on_profiles_but_does_not_agree_to_be_found_is_not_given(program):
    record = CertificationFactory()

    assert program.results("/certifications") == []
    assert program.results(f"/profiles/freelancer/{record.profile.slug}/certifications") == []


def test_the_owner_reads_in_whose_system_it_is(program, client):
    record = CertificationFactory(found=True, profile__owner=admin_of())

    program.results("/certifications")
    program.results("/certifications")

    view = ClientView.objects.get()
    assert (view.profile, view.client, view.surface, view.count) == (record.profile, program.client, "api", 1)
    client.force_login(record.profile.users.get())
    seen_by = client.get(f"{record.profile.get_absolute_url()}certifications/seen-by/").text
    assert "in a system of theirs" in seen_by


def test_a_key_stays_the_same_and_is_the_clients_own(program):
    CertificationFactory(found=True)
    other = Program(admin_of("business"))

    first, again, others = (one.results("/certifications")[0]["id"] for one in (program, program, other))

    assert first == again
    assert first != others


# Keeping in step


def hide(record, program):
    record.hide()


def hide_all(record, program):
    Pause.objects.create(profile=record.profile)


def withdraw(record, program):
    record.withdraw()


def block(record, program):
    Block.objects.create(profile=record.profile, client=program.client)


def block_another_client_of_the_person(record, program):
    Block.objects.create(profile=record.profile, client=ClientMembershipFactory(user=program.user).client)


def expire(record, program):
    Certification.objects.update(expires_on=timezone.now().date() - timedelta(days=2))


def take_consent_back(record, program):
    Consent.objects.filter(purpose=Consent.Purpose.FIND).update(is_given=False)


def stop_plan(record, program):
    roll_out(["enterprise"])


def lose_plan(record, program):
    Client.objects.filter(pk=program.client.pk).update(plan="basic")


def take_down(record, program):
    type(record.profile).objects.update(is_active=False)


def erase(record, program):
    erasure.erase(record.profile, by=program.user)


def delete_profile(record, program):
    record.profile.delete()


ENDS = [
    hide, hide_all, withdraw, block, block_another_client_of_the_person, expire, take_consent_back, stop_plan,
    lose_plan, take_down, erase, delete_profile,
]  # fmt: skip


@pytest.mark.parametrize("end", ENDS)
def test_what_a_client_may_not_be_shown_any_more_leaves_its_system(program, end):
    record = CertificationFactory(found=True)
    [first] = program.results("/certifications")
    assert program.results("/certifications/removed") == []

    end(record, program)

    [removed] = program.results("/certifications/removed")
    assert removed["id"] == first["id"]
    assert program.results("/certifications") == []
    # A program that did not get that far is told again; one that did is not, once it asks for what is new.
    assert program.results(f"/certifications/removed?since={moment()}") == [removed]
    assert program.results(f"/certifications/removed?since={moment(timezone.now() + timedelta(hours=1))}") == []


def test_only_what_was_given_to_this_client_is_told_to_be_removed(program):
    record = CertificationFactory(found=True)
    Program(admin_of("business")).results("/certifications")

    record.hide()

    assert program.results("/certifications/removed") == []


def test_tokens_of_one_client_agree_on_what_is_gone(program):
    colleague = ClientMembershipFactory(user=person(), client=program.client, role=ClientMembership.Role.ADMIN).user
    record = CertificationFactory(found=True)
    blocked = ClientMembershipFactory(user=colleague).client
    other = Program(colleague, acting_for=program.client)
    for one in (program, other):
        assert len(one.results("/certifications")) == 1
    Block.objects.create(profile=record.profile, client=blocked)

    assert (len(program.results("/certifications")), other.results("/certifications")) == (1, [])
    assert [one.results("/certifications/removed") for one in (other, program, other)] == [[], [], []]

    AccessToken.objects.filter(pk=program.token.pk).revoke(by=colleague)
    assert len(other.results("/certifications/removed")) == 1


def test_what_is_shown_again_is_given_again_under_the_same_key(program):
    record = CertificationFactory(found=True)
    [first] = program.results("/certifications")
    Pause.objects.create(profile=record.profile)
    program.results("/certifications/removed")
    later([record], days=2)
    since = moment(timezone.now() - timedelta(days=1))
    assert program.results(f"/certifications?updated_since={since}") == []

    Pause.objects.all().delete()  # which changes nothing of the record

    for _ in range(2):  # a program that failed in between asks again
        [again] = program.results(f"/certifications?updated_since={since}")
        assert again["id"] == first["id"]
    assert program.results("/certifications/removed") == []


def test_updated_since_gives_what_changed_and_what_became_visible(program):
    old = [CertificationFactory(found=True) for _ in range(3)]
    hidden = CertificationFactory(found=True, pause={})
    program.results("/certifications")
    later([*old, hidden], days=2)
    since = moment(timezone.now() - timedelta(days=1))
    assert program.results(f"/certifications?updated_since={since}") == []

    EvidenceFactory(certification=old[1])
    Certification.objects.filter(pk=old[2].pk).update(details_changed_at=timezone.now())
    Pause.objects.all().delete()

    found = program.results(f"/certifications?updated_since={since}&limit=1")
    assert [row["number"] for row in found] == [old[1].number, old[2].number, hidden.number]


def test_a_choice_about_who_sees_it_is_no_change_and_a_correction_is_one(program):
    records = [CertificationFactory(found=True) for _ in range(3)]
    program.results("/certifications")
    later(records, days=2)
    since = moment(timezone.now() - timedelta(days=1))
    before = program.results("/certifications")

    records[0].hide()
    records[0].show()
    records[1].show_to(Certification.Audience.ENTERPRISE)
    records[1].show_to(Certification.Audience.ELIGIBLE)
    assert program.results(f"/certifications?updated_since={since}") == []
    assert program.results("/certifications") == before

    records[2].declare_renewal(timezone.now().date() - timedelta(days=9))
    assert [row["id"] for row in program.results(f"/certifications?updated_since={since}")] == [before[2]["id"]]


def test_a_page_looks_at_only_so_many_rows_in_either_direction(program, monkeypatch):
    records = [CertificationFactory(found=True) for _ in range(5)]
    keys = {row["number"]: row["id"] for row in program.results("/certifications")}
    later(records, days=2)
    since = moment(timezone.now() - timedelta(days=1))
    monkeypatch.setattr(paging, "LOOKED_AT", 2)
    Certification.objects.filter(pk__in=[records[0].pk, records[4].pk]).update(details_changed_at=timezone.now())
    records[0].hide()
    records[4].profile.delete()
    Certification.objects.filter(pk=records[3].pk).update(details_changed_at=timezone.now())

    for path, rows, count in (
        (f"/certifications?updated_since={since}", [keys[records[3].number]], 2),
        (f"/certifications/removed?since={since}&limit=1", [keys[records[0].number], keys[records[4].number]], 3),
    ):
        pages = [program.get(path).json()]
        while pages[-1]["next"]:
            pages.append(program.get(pages[-1]["next"]).json())
        back = [pages[-1]]
        while back[-1]["previous"]:
            back.append(program.get(back[-1]["previous"]).json())

        assert [row["id"] for page in pages for row in page["results"]] == rows
        assert [row["id"] for page in reversed(back) for row in page["results"]] == rows
        assert len(pages) == count


@pytest.mark.slow
@pytest.mark.parametrize("looked_at", [2, paging.LOOKED_AT])
def test_where_pages_end_says_nothing_of_what_is_hidden(program, monkeypatch, looked_at):
    """Neither of profiles that hide everything, nor of those that show something else than what is asked for."""
    monkeypatch.setattr(paging, "LOOKED_AT", looked_at)
    sought, other = CertificateFactory(), CertificateFactory()
    hidden = []
    for certificate in (other, sought, other):
        named = {"certificate": sought, "found": True, "audience": Certification.Audience.NAMED}
        hidden += [CertificationFactory(**named).pk for _ in range(2)]
        shown = CertificationFactory(certificate=certificate, found=True)
        if certificate == other:
            hidden.append(CertificationFactory(profile=shown.profile, **named).pk)
    queries = ["", f"&updated_since={moment()}", f"&type={sought.type.key}", f"&certificate={sought.key}"]

    def pages(query):
        told = [program.get(f"/certifications?limit=1{query}")]
        while following := told[-1].json()["next"]:
            told.append(program.get(following))
        return [(page.content, page["ETag"]) for page in told]

    assert len(pages(queries[0])) == 3  # after which all that may be shown was given
    with_hidden = [pages(query) for query in queries]
    Certification.objects.filter(pk__in=hidden).delete()

    assert with_hidden == [pages(query) for query in queries]


def test_evidence_that_lapses_is_a_change(program):
    record = CertificationFactory(found=True)
    today = timezone.now().date()
    EvidenceFactory(certification=record, evidence_on=today - timedelta(days=9), holds_until=today - timedelta(days=1))
    program.results("/certifications")
    later([record], days=5)
    record.evidence.update(recorded_at=timezone.now() - timedelta(days=9))

    [found] = program.results(f"/certifications?updated_since={moment(timezone.now() - timedelta(days=2))}")

    assert found["verification"]["level"]["code"] == "self_reported"


def test_evidence_lapses_at_midnight_where_its_owner_lives(program, monkeypatch):
    record, last = CertificationFactory(found=True, profile__time_zone="America/Los_Angeles"), date(2026, 1, 20)
    EvidenceFactory(certification=record, evidence_on=last, holds_until=last)
    webhook_at("https://192.0.2.1/", client=program.client, events=[EventType.CERTIFICATION_CHANGED])
    program.results("/certifications")
    record.evidence.update(recorded_at=datetime(2026, 1, 1, tzinfo=UTC))
    later([record], days=(timezone.now() - datetime(2026, 1, 1, tzinfo=UTC)).days)
    found, told = [], []
    for hour in (3, 9):  # its midnight is at 8 o'clock UTC
        now = datetime(2026, 1, 21, hour, tzinfo=UTC)
        monkeypatch.setattr(local_days, "Now", lambda now=now: Value(now))
        rows = program.results(f"/certifications?updated_since={moment(now - timedelta(hours=4))}")
        found.append([(row["verification"]["level"]["code"], row["changed_at"]) for row in rows])
        told.append(changes.tell())

    assert found == [[], [("self_reported", "2026-01-21T08:00:00Z")]]
    assert told == [0, 1]


def test_what_changes_of_a_profile_is_a_change_of_its_certifications(program):
    renamed, other = CertificationFactory(found=True), CertificationFactory(found=True)
    program.results("/certifications")
    later([renamed, other], days=2)
    webhook_at("https://192.0.2.1/", client=program.client, events=[EventType.CERTIFICATION_CHANGED])

    renamed.profile.name = "Tall Timber"
    renamed.profile.save()

    [row] = program.results(f"/certifications?updated_since={moment(timezone.now() - timedelta(days=1))}")
    assert row["profile"]["name"] == "Tall Timber"
    assert changes.tell() == 1


def test_an_erasure_leaves_only_the_clients_key(program):
    record = CertificationFactory(found=True)
    program.results("/certifications")
    key = Given.objects.get().key

    erasure.erase(record.profile, by=program.user)

    assert list(Given.objects.values("key", "certification")) == [{"key": key, "certification": None}]


# Filters


def test_filters_are_those_of_the_search(program):
    chosen = CertificateFactory()
    fits = CertificationFactory(
        found=True, certificate=chosen, profile__skills=["Bookkeeping"], profile__state="NY", profile__hourly_rate=90
    )
    CertificationFactory(found=True, profile=fits.profile)  # of another type
    CertificationFactory(found=True, profile__state="CA", profile__hourly_rate=20)
    type, body = chosen.type, chosen.body
    for query in (
        f"type={type.key}&state=NY",
        f"certificate={chosen.key}",
        f"certifier={body.key}",
        f"type={type.key}&skill=Bookkeeping&rate_from=80&rate_to=100&kind=freelancer",
        f"certificate={chosen.key}&valid_until={fits.expires_on}",
    ):
        assert [row["number"] for row in program.results(f"/certifications?{query}")] == [fits.number], query
    assert program.results(f"/certifications?type={type.key}&level=document") == []
    EvidenceFactory(certification=fits)
    assert [row["number"] for row in program.results("/certifications?level=document")] == [fits.number]


# Shortlists


def test_shortlists_have_their_entries_and_notes(program):
    held = Shortlist.objects.create(client=program.client, name="Spring bids")
    gone = ProfileFactory(name="Gone")
    entry, _ = shortlists.add(held, ProfileFactory(name="Ann"), by=program.user)
    entry.write_note("Call her", by=program.user, version=0)
    shortlists.add(held, gone, by=program.user)
    gone.delete()
    removed = Shortlist.objects.create(client=program.client, name="Old")
    Shortlist.objects.filter(pk=removed.pk).remove()

    [listed] = program.results("/shortlists")

    assert (listed["id"], listed["name"], listed["profiles"]) == (str(held.key), "Spring bids", 2)
    assert program.get(f"/shortlists/{held.key}").json() == listed
    entries = program.results(f"/shortlists/{held.key}/entries")
    assert [(row["profile"] and row["profile"]["name"], row["note"]) for row in entries] == [
        ("Ann", "Call her"),
        (None, ""),
    ]


# Whoever may be shown nothing


def nothing_on_basic():
    return admin_of("basic")


def nothing_held_out():
    user = held_out_person()
    user.client_memberships.update(role=ClientMembership.Role.ADMIN)
    return user


def nothing_inactive_plan():
    roll_out(["enterprise"])
    return admin_of("business")


@pytest.mark.parametrize("without", [nothing_on_basic, nothing_held_out, nothing_inactive_plan])
def test_who_may_be_shown_nothing_is_answered_as_if_there_was_nothing(without):
    record = CertificationFactory(found=True)
    program = Program(without())
    seeing = Program(admin_of("enterprise"))
    held = Shortlist.objects.create(client=program.client, name="Bids")
    shortlists.add(held, record.profile, by=program.user)
    paths = [
        "/certifications",
        f"/certifications?type={record.type.key}&updated_since=2026-01-01T00:00:00Z",
        "/certifications/removed",
        f"/profiles/freelancer/{record.profile.slug}/certifications",
        f"/shortlists/{held.key}/certifications",
    ]
    assert seeing.results("/certifications")

    with_record = [program.get(path) for path in paths]
    record.delete()
    without_record = [program.get(path) for path in paths]

    def told(response):
        drawn = {"X-Request-ID", "RateLimit"}
        return response.content, {name: value for name, value in response.headers.items() if name not in drawn}

    assert [told(response) for response in with_record] == [told(response) for response in without_record]
    assert {response.status_code for response in with_record} == {200}
    assert not Given.objects.filter(client=program.client).exists()


@pytest.mark.parametrize(
    "path", ["/certifications?limit=200", "/certifications/removed?limit=200", "/shortlists/{}/certifications"]
)
def test_a_page_takes_as_many_queries_however_long(path, program):
    held = Shortlist.objects.create(client=program.client, name="Bids")
    counts = []
    for _ in range(2):
        for _ in range(3):
            record = CertificationFactory(found=True)
            shortlists.add(held, record.profile, by=program.user)
        address = path.format(held.key)
        program.results("/certifications")
        program.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert program.get(address).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1] < 35


def test_what_is_left_of_a_deleted_certification_is_kept_for_a_year(program):
    now = timezone.now()

    def gone(days, **about):
        fields = {"client": program.client, "key": uuid.uuid4(), "given_at": now, "gone_at": now - timedelta(days=days)}
        return Given.objects.create(**fields, **about)

    kept, _, held = gone(300), gone(500), gone(500, certification=CertificationFactory())

    assert given.remove_old() == 1

    assert set(Given.objects.all()) == {kept, held}
