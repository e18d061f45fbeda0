"""The listing: kept by the database, and the search over it equal to the rule put to everybody, one by one."""

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from unittest.mock import patch
from urllib.parse import urlencode

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Func, IntegerField
from django.http import QueryDict
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from certifications.models import Block, Certification, Consent, Evidence, NamedClient, Pause, UnusedType
from profiles.models import Client, Profile
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from sourcing import listing
from sourcing.forms.search import SourcingForm
from sourcing.models import CertifiedListing, Listing
from sourcing.search import Cursor
from tests.factories import CertificateFactory, CertificationFactory, EvidenceFactory, ProfileFactory
from tests.in_force import visible_to
from tests.site import client_person

TODAY = timezone.now().date()


@pytest.mark.slow
@pytest.mark.django_db
def test_a_row_is_written_behind_the_backs_of_all_and_the_command_proves_it():
    record = CertificationFactory(found=True, profile__name="Fay Freeman")
    assert listing.differences() == (0, 0)
    row = CertifiedListing.objects.get(profile=record.profile)
    assert (row.name_key, row.valid_until) == ("fay freeman", record.expires_on)
    call_command("rebuild_listing", "--check", verbosity=0)

    CertifiedListing.objects.filter(pk=row.pk).update(name_key="")
    ProfileFactory()
    Listing.objects.exclude(pk=row.pk).delete()

    with pytest.raises(CommandError, match="1 rows must not be so, 2 are lacking"):
        call_command("rebuild_listing", "--check")
    told = StringIO()
    call_command("rebuild_listing", stdout=told)
    assert told.getvalue() == "Mended: 1 wrong rows, 2 lacking.\n"
    assert listing.differences() == (0, 0)


CHANGED_BEHIND_ALL_BACKS = """
CREATE OR REPLACE FUNCTION spelled_out(text) RETURNS text LANGUAGE sql IMMUTABLE RETURN null;
CREATE OR REPLACE FUNCTION sourcing_refresh(profiles bigint[]) RETURNS void LANGUAGE sql AS '';
DROP VIEW sourcing_certified_expected;
"""


@pytest.mark.slow
@pytest.mark.django_db
def test_functions_views_and_triggers_that_are_not_as_the_project_says_are_named_and_installed_anew():
    CertificationFactory(found=True)
    names = [
        "spelled_out",
        "sourcing_certified_expected",
        "sourcing_refresh",
        "sourcing.FollowedConsent:listing_delete",
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(CHANGED_BEHIND_ALL_BACKS)
    pgtrigger.disable(names[-1])

    with pytest.raises(CommandError, match=f"as the project says: {', '.join(names)}[.]"):
        call_command("rebuild_listing", "--check")
    told = StringIO()
    call_command("rebuild_listing", stdout=told)

    assert told.getvalue() == f"Installed anew: {', '.join(names)}.\nMended: 0 wrong rows, 0 lacking.\n"
    assert listing.outdated() == []
    Consent.objects.all().delete()
    assert not CertifiedListing.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db
def test_who_has_expired_leaves_the_listing_and_is_back_with_a_renewal():
    today = timezone.now().date()
    record = CertificationFactory(found=True)
    with pgtrigger.ignore("sourcing.FollowedCertification:listing_update"):  # as time does: no trigger fires
        Certification.objects.update(expires_on=today - timedelta(days=3))
        CertifiedListing.objects.update(valid_until=today - timedelta(days=3))
    assert listing.differences() == (0, 0)

    call_command("due", verbosity=0)

    assert not CertifiedListing.objects.exists()
    assert listing.differences() == (0, 0)
    Certification.objects.filter(pk=record.pk).update(renewal_filed_on=today - timedelta(days=9))
    assert CertifiedListing.objects.get().valid_until == today + timedelta(days=177)
    for days, is_listed in ((3, False), (2, True)):
        Certification.objects.update(expires_on=today - timedelta(days=days), renewal_filed_on=None)
        assert CertifiedListing.objects.exists() is is_listed
    call_command("due", verbosity=0)
    assert CertifiedListing.objects.exists()


def found(viewer, query):
    search = SourcingForm(QueryDict(urlencode(query)), viewer=viewer, policy=RolloutPolicy.in_force()).search
    return [profile.pk for profile in search.page().profiles]


SIZE = Func("terms", function="pg_column_size", output_field=IntegerField())


@pytest.mark.slow
@pytest.mark.django_db
def test_a_profile_of_the_longest_name_and_skills_is_kept_and_found_by_what_comes_first():
    letters = [chr(0x10428 + number) for number in range(40)]  # of four bytes each
    name = "".join(letters[:20]) * 5
    profile = ProfileFactory(name=name, headline="Kept books " * 10)
    record = CertificationFactory(found=True, profile=profile)
    viewer = Viewer(client_person("enterprise"))
    longest = []
    for size in range(20, 50):  # so many letters of the first five that the terms end right before the end, too
        profile.skills = [*(letter * size for letter in "abcde"), *(letter * 30 for letter in letters[:25])]
        profile.save()
        longest.append(CertifiedListing.objects.annotate(size=SIZE).get().size)

    assert listing.differences() == (0, 0)
    assert max(longest) <= 2200
    assert max(longest) > 2190
    assert len(CertifiedListing.objects.get().name_key.encode()) == 400
    for sort in ("relevance", "recent", "name"):
        assert found(viewer, {"q": name, "sort": sort}) == [profile.pk]
    assert (
        SourcingForm(QueryDict(urlencode({"q": name})), viewer=viewer, policy=RolloutPolicy.in_force()).search.count()
        == 1
    )
    for query in ({"types": record.type_id}, {"skills": profile.skills[0]}):
        assert found(viewer, query) == [profile.pk]
    assert found(viewer, {"skills": profile.skills[-1]}) == []  # what does not fit is left out
    with connection.cursor() as cursor:  # to unpack it would take longer than to read the table
        cursor.execute(
            "SELECT attstorage FROM pg_attribute WHERE attname = 'terms'"
            " AND attrelid IN ('listing_certified_active'::regclass, 'listing_certified_name'::regclass)"
        )
        assert cursor.fetchall() == [("e",), ("e",)]


@pytest.mark.django_db
def test_thirty_of_the_longest_skills_are_searched_to_the_last():
    skills = [f"{number:02}{chr(97 + number % 26) * 48}" for number in range(30)]
    record = CertificationFactory(found=True, profile__skills=skills)

    assert found(Viewer(client_person("enterprise")), {"skills": skills[-1]}) == [record.profile_id]


@pytest.mark.django_db
def test_a_certificate_that_changes_its_body_is_found_by_the_new_one():
    record = CertificationFactory(found=True)
    body = CertificateFactory().body

    record.certificate.body = body
    record.certificate.save()

    assert listing.differences() == (0, 0)
    assert f"~body/{body.pk}" in CertifiedListing.objects.get().terms


ACTS = st.sampled_from(
    [
        "add", "withdraw", "restore", "hide", "show", "audience", "name", "expire", "expire now", "renew", "suspend",
        "lift", "pause", "unpause", "block", "unblock", "find", "not find", "not show", "show again", "abroad", "home",
        "take down", "put up", "evidence", "end evidence", "unuse", "use", "move", "delete",
    ]
)  # fmt: skip


PROFILES = (
    {"name": "Ann Abel", "headline": "Web", "skills": ["C++", "Books"], "hourly_rate": 40},
    {"name": "bea Webb", "headline": "Bookkeeper", "skills": ["C"], "state": "CA", "hourly_rate": 90},
    {"name": "Cy Cole", "headline": "Web for Ann", "skills": ["books", "C"], "kind": "agency", "state": "CA"},
    {"name": "Web Works", "headline": "", "skills": [], "hourly_rate": 60},
)
WORDS = ["", "web", "an", "WEB be", "c", "bo"]
FILTERS = {
    "skills": ["c", "C++, BOOKS"],
    "state": ["CA", "NY", ["CA", "NY"]],
    "kind": ["freelancer", "agency"],
    "rate_from": [50],
    "rate_to": [70],
    "types": [[0], [1], [0, 1]],
    "match": ["all"],
    "certificate": [0, 1],
    "step": [1],
    "valid_until": [TODAY + timedelta(days=30)],
    "everyone": ["on"],
}


def draw(random):
    """A search as someone may make it. It asks for few things at once: for all of them it would find no one."""
    names = random.sample(sorted(FILTERS), random.choice([0, 1, 1, 2]))
    asked = {"sort": random.choice(["relevance", "relevance", "recent", "name"]), "q": random.choice(WORDS)}
    return asked | {name: random.choice(FILTERS[name]) for name in names}


@pytest.mark.slow
class TheSearchEqualsTheRule(TestCase):
    """Whatever is done in whatever order: the listing is as it must be, and each viewer finds whom the rule names."""

    def setUp(self):
        self.certificates = [CertificateFactory(), CertificateFactory()]
        self.profiles = [ProfileFactory(**values) for values in PROFILES]
        for number, profile in enumerate(self.profiles):
            CertificationFactory(profile=profile, certificate=self.certificates[number // 3], found=True)
        self.viewers = [Viewer(client_person(plan)) for plan in ("basic", "business", "enterprise")]
        self.blocked = Client.objects.get(plan="business")

    @settings(max_examples=20, deadline=None)
    @given(
        st.lists(st.tuples(ACTS, st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=8),
        st.randoms(use_true_random=True),
    )
    def test_it(self, steps, random):
        for act, which, variant in steps:
            self.do(act, self.profiles[which], variant)
        assert listing.differences() == (0, 0)
        searches = [{}, *(draw(random) for _ in range(4))]
        for viewer in self.viewers:
            known = self.known(viewer)
            for asked in searches:
                form = SourcingForm(QueryDict(self.query(asked)), viewer=viewer, policy=RolloutPolicy.in_force())
                search, filters = form.search, form.filters
                expected = self.in_order(self.naively(known, filters), asked.get("sort"), filters.words)
                with patch.multiple("sourcing.search", PAGE_SIZE=1, FIRST_CHUNK=2):
                    assert self.forth_and_back(search) == (expected, expected), (steps, asked, viewer.client.plan)
                assert search.count() == len(expected)
                assert search.counts_by_state() == self.by_state(known, filters)
                assert search.counts_by_type() == self.by_type(known, filters)

    def query(self, asked):
        """What is asked for as a part of an address: types and certificates by their place among the test's."""
        spelled = dict(asked)
        if "types" in spelled:
            spelled["types"] = [self.certificates[number].type_id for number in spelled["types"]]
        if "certificate" in spelled:
            spelled["certificate"] = self.certificates[spelled["certificate"]].pk
        return urlencode(spelled, doseq=True)

    @staticmethod
    def forth_and_back(search):
        """The keys on all pages, from the first to the last and from there back, both in the order of the results."""
        page, forth = search.page(), []
        while True:
            forth += [profile.pk for profile in page.profiles]
            if page.next is None:
                break
            page = search.page(after=Cursor.read(str(page.next)))
        back = [profile.pk for profile in page.profiles]
        while page.previous is not None:
            page = search.page(before=Cursor.read(str(page.previous)))
            back = [profile.pk for profile in page.profiles] + back
        return forth, back

    def do(self, act, profile, variant):
        records = Certification.objects.filter(profile=profile)
        consents = Consent.objects.filter(profile=profile)
        plans = (["business", "enterprise"], ["enterprise"], ["business"])[variant]
        match act:
            case "add":
                CertificationFactory(profile=profile, certificate=self.certificates[variant % 2], agreed_plans=plans)
            case "withdraw":
                records.update(withdrawn_at=timezone.now())
            case "restore":
                for record in records.exclude(withdrawn_at=None)[:1]:
                    record.restore()
            case "hide":
                records.update(hidden_at=timezone.now(), hidden_until=(None, TODAY, TODAY + timedelta(9))[variant])
            case "show":
                records.update(hidden_at=None, hidden_until=None)
            case "audience":
                records.update(audience=("eligible", "enterprise", "named")[variant])
            case "name":
                for record in records:
                    NamedClient.objects.get_or_create(certification=record, client=self.blocked)
            case "expire":
                records.update(expires_on=TODAY - timedelta(days=(1, 40, 400)[variant]), does_not_expire=False)
            case "expire now":  # just before the row leaves, or just after
                records.update(expires_on=TODAY - timedelta(days=(2, 3, 4)[variant]), does_not_expire=False)
            case "renew":
                records.update(expires_on=TODAY + timedelta(days=(1, 40, 400)[variant]), does_not_expire=False)
            case "suspend":
                records.update(standing="suspended", standing_reason="ended", standing_at=timezone.now())
            case "lift":
                records.update(standing="good", standing_reason="")
            case "pause":
                Pause.objects.update_or_create(
                    profile=profile, defaults={"until": (None, TODAY - timedelta(2), TODAY + timedelta(9))[variant]}
                )
            case "unpause":
                Pause.objects.filter(profile=profile).delete()
            case "block":
                Block.objects.get_or_create(profile=profile, client=self.blocked)
            case "unblock":
                Block.objects.all().delete()
            case "find":
                consents.filter(purpose="find").update(is_given=True, plans=plans)
            case "not find":
                consents.filter(purpose="find").update(is_given=False)
            case "not show":
                consents.filter(purpose="show").update(is_given=False)
            case "show again":
                consents.filter(purpose="show").update(is_given=True)
            case "abroad":
                Profile.objects.filter(pk=profile.pk).update(country="CA", state="")
            case "home":
                Profile.objects.filter(pk=profile.pk).update(country="US", state="CA")
            case "take down":
                Profile.objects.filter(pk=profile.pk).update(is_active=False)
            case "put up":
                Profile.objects.filter(pk=profile.pk).update(is_active=True)
            case "evidence":
                for record in records:
                    EvidenceFactory(certification=record, step=1 + 2 * (variant % 2))
            case "end evidence":
                Evidence.objects.filter(certification__profile=profile).update(
                    ended_at=timezone.now(), ended_because="replaced"
                )
            case "unuse":
                UnusedType.objects.get_or_create(client=self.blocked, type=self.certificates[variant % 2].type)
            case "use":
                UnusedType.objects.all().delete()
            case "move":
                records.update(certificate=self.certificates[variant % 2], type=self.certificates[variant % 2].type)
            case "delete":
                for record in records[:1]:
                    record.delete()

    def known(self, viewer):
        """Each active profile with its records that the rule shows to a client it may be found by: list of pairs."""
        visible = set(visible_to(viewer).values_list("pk", flat=True))
        found = []
        for profile in Profile.objects.filter(is_active=True):
            consent = Consent.objects.filter(profile=profile, purpose="find", is_given=True).first()
            may_find = consent is not None and viewer.client.plan in consent.plans
            records = Certification.objects.filter(profile=profile).with_step()
            found.append((profile, [record for record in records if may_find and record.pk in visible]))
        return found

    def naively(self, known, filters):
        """The profiles that fit, by asking about each and each of its records by itself, in plain Python."""
        return [
            profile
            for profile, records in known
            if self.fits(profile, filters) and (filters.everyone or self.is_found_by(records, filters))
        ]

    @staticmethod
    def fits(profile, filters):
        words = re.findall(r"\w+", " ".join([profile.name, profile.headline, *profile.skills]).lower())
        return (
            (not filters.states or profile.state in filters.states)
            and filters.kind in ("", profile.kind)
            and all(has_word(words, typed) for typed in filters.words.lower().split())
            and {skill.lower() for skill in filters.skills} <= {skill.lower() for skill in profile.skills}
            and (filters.rate_from is None or (profile.hourly_rate or -1) >= filters.rate_from)
            and (filters.rate_to is None or (profile.hourly_rate or 10_000) <= filters.rate_to)
        )

    @staticmethod
    def is_found_by(records, filters):
        types = {
            record.type_id
            for record in records
            if (not filters.certificate or record.certificate_id == filters.certificate)
            and record.step >= filters.step
            and (filters.valid_until is None or record.does_not_expire or record.expires_on >= filters.valid_until)
        }
        chosen = set(filters.types)
        return bool(types and (chosen <= types if filters.has_all_types else not chosen or chosen & types))

    @staticmethod
    def in_order(profiles, sort, words):
        """Their keys in the order that is asked for."""
        if sort == "name":
            return [profile.pk for profile in sorted(profiles, key=lambda p: (p.name.lower(), p.pk))]

        def place(profile):
            in_name = all(has_word(profile.name.lower().split(), typed) for typed in words.lower().split())
            return sort != "recent" and in_name, profile.updated_at, profile.pk

        return [profile.pk for profile in sorted(profiles, key=place, reverse=True)]

    def by_state(self, known, filters):
        return Counter(profile.state for profile in self.naively(known, replace(filters, states=())) if profile.state)

    def by_type(self, known, filters):
        """How many would be found with each type instead of those chosen, or with it as well."""
        kept = filters.types if filters.has_all_types else ()
        counts = Counter()
        for type in [] if filters.everyone else {certificate.type_id for certificate in self.certificates}:
            with_it = replace(filters, types=(*kept, type), has_all_types=True)
            counts[type] = len(self.naively(known, with_it))
        return +counts


def has_word(words, typed):
    """Whether one of `words` begins as it was typed, or if that is a single letter, is it."""
    return any(word == typed or (len(typed) > 1 and word.startswith(typed)) for word in words)
