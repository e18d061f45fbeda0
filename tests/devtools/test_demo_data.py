"""What the demo holds. It is loaded once for all of these tests, and committed."""

from datetime import timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from certifications.models import Certification, Disclosure
from certifications.rule import Obstacle
from devtools.demo.accounts import ACCOUNTS, PASSWORD
from devtools.demo.loader import read_content
from devtools.demo.records import STATES
from profiles.models import Client, Membership, Profile, User, WorkHistory
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from spend import report
from spend.choices import Reason
from spend.models import Payment
from spend.rules import Period
from tests.devtools import demo_urls
from tests.in_force import visible_to, with_status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo"), pytest.mark.slow]


def load():
    with override_settings(DEBUG=True):
        call_command("demo", stdout=StringIO())


def clear():
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE profiles_user, profiles_profile, profiles_client, certifications_certificationtype,"
            " certifications_certifyingbody, spend_paymentfile CASCADE"
        )


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        load()
    yield
    with django_db_blocker.unblock():
        clear()


def viewer(email):
    return Viewer(User.objects.get(email=email))


def seen_by(email, slug):
    records = visible_to(viewer(email)).filter(profile__slug=slug)
    return set(records.values_list("type__key", flat=True))


def test_demo_has_the_promised_people_and_clients():
    assert Profile.objects.count() >= 60
    assert Profile.objects.filter(kind=Profile.Kind.AGENCY).count() == 12
    assert Client.objects.count() == 8
    assert set(Client.objects.values_list("plan", flat=True)) == set(Client.Plan.values)
    assert Client.objects.filter(plan=Client.Plan.ENTERPRISE, is_active=False).exists()
    assert set(Disclosure.objects.values_list("answer", flat=True)) == set(Disclosure.Answer.values)
    assert set(Certification.objects.values_list("type__key", flat=True)) >= {
        "minority", "woman", "veteran", "disability", "lgbtq"
    }  # fmt: skip


def test_demo_has_a_record_hidden_for_every_reason_of_its_own_and_one_that_is_not():
    reasons = with_status().values_list("unseen_because", flat=True)

    assert set(reasons) == {
        "",
        Obstacle.WITHDRAWN,
        Obstacle.REFUSED,
        Obstacle.SUSPENDED,
        Obstacle.EXPIRED,
        Obstacle.ABROAD,
        Obstacle.HIDDEN,
        Obstacle.NOBODY,
    }
    assert Certification.objects.filter(does_not_expire=True).exists()
    assert Certification.objects.with_number_elsewhere().filter(number_elsewhere=True).count() == 2


def test_the_demo_shows_every_state_of_a_record():
    content = read_content()
    records = [item for entry in content["freelancers"] + content["agencies"] for item in entry.get("certified", [])]

    assert {record[1] for record in records} == set(STATES)


def test_everything_in_the_demo_is_valid():
    for model in (Certification, Disclosure, Profile, WorkHistory, Client):
        for row in model.objects.all():
            row.full_clean()


def test_the_demo_has_two_years_of_payments_that_count_and_do_not_for_every_reason():
    client = Client.objects.get(slug="alderwood-health-system")
    today = timezone.now().date()
    two_years = Period(today - timedelta(days=730), today)
    rules = report.rules_of(client, timezone.now())
    before = timezone.now() - timedelta(days=42)

    def made(cutoff):
        return report.make(client, two_years, rules=rules, cutoff=cutoff, policy=RolloutPolicy.in_force()).totals

    newest = made(timezone.now())

    assert Payment.objects.current().count() > 500
    assert Payment.objects.filter(version=2).exists()
    assert {reason for reason, line in newest.not_counted.items() if line.payments} == {
        Reason.EXCLUDED_KIND,
        Reason.NO_CERTIFICATE,
        Reason.NOT_YET,
        Reason.EXPIRED,
        Reason.SELF_REPORTED,
    }
    assert newest.elsewhere["CAD"].payments
    assert newest.overlapping["woman"].amount > 0
    # One certificate was added long after payments that it covers.
    assert newest.unduplicated.businesses > made(before).unduplicated.businesses


def test_history_happened_in_order_and_in_the_past():
    for record in Certification.objects.all():
        events = list(
            apps.get_model("certifications.CertificationEvent").objects.filter(pgh_obj=record).order_by("pgh_id")
        )
        moments = [event.pgh_created_at for event in events]

        assert moments == sorted(moments)
        assert moments[0] == record.created_at >= record.profile.created_at
        assert moments[-1] == record.updated_at
        assert events[-1].standing == record.standing
        assert all(event.pgh_context.metadata["user"] for event in events)


def test_the_demo_is_the_same_each_time():
    def content():
        rows = list(Certification.objects.order_by("pk").values_list("profile__slug", "number", "issued_on"))
        words = list(Profile.objects.order_by("slug").values_list("slug", "overview", "skills", "hourly_rate"))
        paid = list(Payment.objects.order_by("pk").values_list("external_id", "paid_on", "kind", "amount"))
        return rows, words, paid

    before = content()
    clear()
    load()

    assert content() == before


def test_loading_twice_changes_nothing(settings):
    before = Profile.objects.count(), Certification.objects.count()
    settings.DEBUG = True
    out = StringIO()

    call_command("demo", stdout=out)

    assert "already there" in out.getvalue()
    assert before == (Profile.objects.count(), Certification.objects.count())


def test_the_sign_in_page_offers_the_accounts(client, settings):
    settings.ROOT_URLCONF, settings.DEBUG = demo_urls.__name__, True

    assert client.get(reverse("account_login"), secure=True).context["demo_accounts"]() == ACCOUNTS


@pytest.mark.parametrize("account", ACCOUNTS)
def test_each_account_signs_in_with_the_password(client, account):
    response = client.post(reverse("account_login"), {"login": account.email, "password": PASSWORD}, secure=True)

    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(User.objects.get(email=account.email).pk)
    assert EmailAddress.objects.get(user__email=account.email).verified


def test_no_one_else_of_the_demo_has_a_password():
    others = User.objects.exclude(email__in=[account.email for account in ACCOUNTS])

    assert others
    assert not any(user.has_usable_password() for user in others)


@pytest.mark.parametrize(
    ("email", "sees"),
    [
        ("enterprise@demo.test", True),
        ("business@demo.test", True),
        ("plus@demo.test", False),
        ("basic@demo.test", False),
    ],
)
def test_clients_see_the_demo_pages_certifications_by_their_plan(email, sees):
    assert seen_by(email, "demo-freelancer") == ({"minority", "woman"} if sees else set())
    assert seen_by(email, "demo-agency") == ({"veteran"} if sees else set())


def test_the_enterprise_account_acts_for_its_enterprise_first_and_can_switch():
    plans = [place.plan for place in viewer("enterprise@demo.test").client_memberships]

    assert plans == [Client.Plan.ENTERPRISE, Client.Plan.BASIC]


def test_the_agencys_accounts_have_their_roles_and_the_member_a_page_of_their_own():
    roles = dict(Membership.objects.filter(profile__slug="demo-agency").values_list("user__email", "role"))

    assert roles["agency-admin@demo.test"] == Membership.Role.ADMIN
    assert roles["agency-member@demo.test"] == Membership.Role.MEMBER
    assert Membership.Role.OWNER in roles.values()
    assert Membership.objects.filter(
        user__email="agency-member@demo.test", profile__kind=Profile.Kind.FREELANCER, role=Membership.Role.OWNER
    ).exists()


def test_the_agency_member_sees_the_certifications_of_the_one_agency_that_shares_them():
    assert seen_by("agency-member@demo.test", "demo-agency") == set()
    assert seen_by("agency-member@demo.test", "copper-basin-data") == {"minority"}


def test_the_staff_account_reads_and_decides_but_does_not_write_records():
    staff = User.objects.get(email="staff@demo.test")

    assert staff.is_staff
    assert not staff.is_superuser
    assert staff.has_perms(
        ["certifications.view_certification", "certifications.decide_certification", "profiles.change_client"]
    )
    assert staff.has_perms(["verification.view_case", "verification.import_register", "rollout.add_rolloutpolicy"])
    assert not staff.has_perm("certifications.change_certification")
    assert viewer("staff@demo.test").reads_certifications
