"""The listing: kept by the database, and the search over it equal to the rule put to everybody, one by one."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from certifications.models import Block, Certification, Consent, Evidence, NamedClient, Pause, UnusedType
from profiles.models import Client, Profile
from profiles.viewer import Viewer
from sourcing import listing
from sourcing.models import CertifiedListing, Listing
from sourcing.search import Filters, Search
from tests.factories import CertificateFactory, CertificationFactory, EvidenceFactory, ProfileFactory
from tests.site import client_person

TODAY = timezone.now().date()


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
        "add", "withdraw", "restore", "hide", "show", "audience", "name", "expire", "renew", "suspend", "lift",
        "pause", "unpause", "block", "unblock", "find", "not find", "not show", "show again", "abroad", "home",
        "take down", "put up", "evidence", "end evidence", "unuse", "use", "move", "delete",
    ]
)  # fmt: skip


class TheSearchEqualsTheRule(TestCase):
    """Whatever is done in whatever order: the listing is as it must be, and each viewer finds whom the rule names."""

    def setUp(self):
        self.certificates = [CertificateFactory(), CertificateFactory()]
        self.profiles = [ProfileFactory(), ProfileFactory(state="CA")]
        for profile in self.profiles:
            CertificationFactory(profile=profile, certificate=self.certificates[0], found=True)
        self.viewers = [Viewer(client_person(plan)) for plan in ("basic", "business", "enterprise")]
        self.blocked = Client.objects.get(plan="business")

    @settings(max_examples=15, deadline=None)
    @given(st.lists(st.tuples(ACTS, st.integers(0, 1), st.integers(0, 2)), min_size=1, max_size=8))
    def test_it(self, steps):
        for act, which, variant in steps:
            self.do(act, self.profiles[which], variant)
        assert listing.differences() == (0, 0)
        types = [certificate.type_id for certificate in self.certificates]
        for filters in (
            Filters(),
            Filters(types=(types[0],)),
            Filters(types=tuple(types), has_all_types=True),
            Filters(state="CA"),
            Filters(step=1),
            Filters(certificate=self.certificates[1].pk, valid_until=TODAY + timedelta(days=30)),
        ):
            for viewer in self.viewers:
                found = {result.pk for result in Search(viewer, filters)._sample(filters)}
                assert found == self.naively(viewer, filters), (steps, filters, viewer.client.plan)

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

    def naively(self, viewer, filters):
        """The profiles that the rule names, by asking it about each record by itself, in plain Python."""
        found = set()
        for profile in Profile.objects.filter(is_active=True):
            if filters.state and profile.state != filters.state:
                continue
            types = set()
            for record in Certification.objects.filter(profile=profile).with_step():
                consent = Consent.objects.filter(profile=profile, purpose="find", is_given=True).first()
                fits = (
                    consent is not None
                    and viewer.client.plan in consent.plans
                    and Certification.objects.visible_to(viewer).filter(pk=record.pk).exists()
                    and (not filters.certificate or record.certificate_id == filters.certificate)
                    and record.step >= filters.step
                    and (
                        filters.valid_until is None
                        or record.does_not_expire
                        or record.expires_on >= filters.valid_until
                    )
                )
                if fits:
                    types.add(record.type_id)
            chosen = set(filters.types)
            if types and (chosen <= types if filters.has_all_types else not chosen or chosen & types):
                found.add(profile.pk)
        return found
