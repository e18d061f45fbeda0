"""The page for support tells what a client sees of a profile, by the rule's own answer."""

import pytest
from django.contrib.auth.models import Permission

from certifications.models import Block, StaffRead
from tests.factories import CertificationFactory
from tests.site import client_person, roll_out, sign_in, staff

pytestmark = pytest.mark.django_db
PAGE = "/admin/certifications/certification/support/"
MAY = ["view_certification", "view_client"]


def reader(*more):
    return staff(*Permission.objects.filter(codename__in=[*MAY, *more]))


def client_of(person):
    return person.client_memberships.get().client


@pytest.fixture
def record():
    return CertificationFactory(profile__name="Quill Works")


@pytest.fixture
def buyer():
    return client_of(client_person("business"))


def seen(page):
    return [(sight.who, sight.sees, sight.why) for seen in page.context["records"] for sight in seen.sights]


def test_it_tells_whether_a_client_sees_a_record_and_why_not(client, record, buyer):
    sign_in(client, reader())
    asked = {"client": buyer.slug, "profile": "quill"}
    assert seen(client.get(PAGE, asked)) == [(buyer.name, True, "")]

    roll_out(is_paused=True)

    [(_, sees, why)] = seen(client.get(PAGE, asked))
    assert not sees
    assert why


def test_without_a_client_it_tells_what_each_kind_of_viewer_sees(client, record):
    sign_in(client, reader())

    sees = {who: sees for who, sees, _ in seen(client.get(PAGE, {"profile": record.profile.slug}))}

    assert sees["A Business client"]
    assert not sees["A visitor"]


def test_only_staff_who_may_view_blocks_read_of_one(client, record, buyer):
    Block.objects.create(profile=record.profile, client=buyer)
    asked = {"client": buyer.slug, "profile": record.profile.slug}
    sign_in(client, reader())
    assert seen(client.get(PAGE, asked)) == [(buyer.name, False, "The owner doesn't show it to this client.")]

    sign_in(client, reader("view_block"))
    assert seen(client.get(PAGE, asked)) == [(buyer.name, False, "You blocked this client.")]


def test_each_record_that_is_shown_is_logged(client, record):
    user = reader()
    sign_in(client, user)
    client.get(PAGE)
    assert not StaffRead.objects.exists()

    client.get(PAGE, {"profile": record.profile.slug})

    [read] = StaffRead.objects.all()
    assert (read.staff, read.certification, read.page) == (user, record, PAGE)


@pytest.mark.parametrize("missing", MAY)
def test_it_takes_both_permissions(missing, client):
    sign_in(client, staff(*Permission.objects.filter(codename__in=[name for name in MAY if name != missing])))

    assert client.get(PAGE).status_code == 403
