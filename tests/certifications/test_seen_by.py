"""The log of who looked: what is noted of a view, at what cost, and what of it talent reads."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client as Browser

from certifications.models import Block, ClientView, Pause
from certifications.sharing import seen_by
from certifications.sharing.chart import chart_of
from profiles.viewer import Viewer
from tests.factories import (
    CertificationFactory,
    ClientFactory,
    ClientMembershipFactory,
    ClientViewFactory,
    ProfileFactory,
    UserFactory,
)
from tests.in_force import visible_to
from tests.site import client_person, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def record():
    return CertificationFactory(profile__owner=person(name="Fay Freeman"))


def look(user, profile, **extra):
    browser = Browser(headers=extra)
    browser.force_login(user)
    return browser.get(profile.get_absolute_url())


def test_a_view_is_noted_with_client_day_surface_and_the_filters_that_led_there(record):
    user = client_person("enterprise")
    search = "http://testserver/talent/?q=bookkeeping&state=NY&rate_from=x&after=7"

    look(user, record.profile, referer=search)

    view = ClientView.objects.get()
    assert (view.profile, view.client) == (record.profile, user.clients.get())
    assert (view.day, view.surface, view.count) == (record.profile.today(), "page", 1)
    assert view.filters == {"q": "bookkeeping", "state": "NY"}


@pytest.mark.parametrize(
    "referer", ["", "http://elsewhere.test/talent/?q=x", "http://testserver/?q=x", "http://[", "::"]
)
def test_filters_come_only_from_the_directory(referer, record):
    look(client_person("business"), record.profile, referer=referer)

    assert ClientView.objects.get().filters == {}


@pytest.mark.slow
def test_each_member_counts_once_a_day(record, django_assert_num_queries):
    user = client_person("enterprise")
    colleague = ClientMembershipFactory(client=user.clients.get()).user
    browser = Browser()
    browser.force_login(user)
    path = record.profile.get_absolute_url()

    with django_assert_num_queries(10):  # session, user, places, profile, history, rule, log, dealings (2), the note
        browser.get(path)
    with django_assert_num_queries(9) as queries:  # nothing is left to note
        browser.get(path)
    assert all(query["sql"].startswith("SELECT") for query in queries)
    look(colleague, record.profile)
    look(colleague, record.profile)

    view = ClientView.objects.get()
    assert view.count == 2
    assert not {user.pk, colleague.pk} & set(view.readers)


def test_two_views_at_the_same_moment_both_count(record, rf):
    membership = ClientMembershipFactory()
    users = [membership.user, ClientMembershipFactory(client=membership.client).user]
    for user in [*users, *users]:  # each as if neither had been noted when the page was read
        seen_by.note(record.profile, Viewer(user), rf.get("/"))

    assert ClientView.objects.get().count == 2


def test_another_day_is_another_row_and_the_same_person_another_number(record, rf):
    viewer = Viewer(client_person("enterprise"))
    seen_by.note(record.profile, viewer, rf.get("/"))
    ClientView.objects.update(day=record.profile.today() - timedelta(days=1))
    seen_by.note(record.profile, viewer, rf.get("/"))

    assert ClientView.objects.count() == 2
    assert seen_by.reader_keys(viewer) == seen_by.reader_keys(viewer)
    assert len({*seen_by.reader_keys(viewer), *seen_by.reader_keys(Viewer(client_person("enterprise")))}) == 6


def no_one_shown(record):
    browser = Browser()
    browser.get(record.profile.get_absolute_url())  # a visitor
    browser.force_login(record.profile.users.get())
    browser.get(record.profile.get_absolute_url())  # its owner
    browser.get(f"{record.profile.get_absolute_url()}preview/?as=enterprise")
    look(client_person("basic"), record.profile)


def hidden(record):
    Pause.objects.create(profile=record.profile)
    look(client_person("enterprise"), record.profile)


def blocked(record):
    user = client_person("enterprise")
    Block.objects.create(profile=record.profile, client=user.clients.get())
    look(user, record.profile)


def without_any(record):
    look(client_person("enterprise"), ProfileFactory())


def only_headers(record):
    browser = Browser()
    browser.force_login(client_person("enterprise"))
    assert browser.head(record.profile.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("case", [no_one_shown, hidden, blocked, without_any, only_headers])
def test_a_viewer_who_was_shown_nothing_is_not_noted(case, record):
    case(record)

    assert not ClientView.objects.exists()


def test_no_view_is_noted_of_data_that_was_erased_meanwhile(record, rf):
    viewer = Viewer(client_person("enterprise"))
    record.profile.consents.all().delete()

    seen_by.note(record.profile, viewer, rf.get("/"))

    assert not ClientView.objects.exists()


def test_talent_reads_clients_and_days_and_never_a_members_name(record):
    member = person(name="Cleo Chase")
    membership = ClientMembershipFactory(user=member, client__name="Bright Foods")
    look(member, record.profile)
    ClientViewFactory(profile=ProfileFactory(), client=ClientFactory(name="Elsewhere Ltd"))
    browser = Browser()
    browser.force_login(record.profile.users.get())

    text = browser.get(f"{record.profile.get_absolute_url()}certifications/seen-by/").text

    assert "Bright Foods" in text
    assert f"{record.profile.today():%A, %b}" in text
    for hidden in ("Cleo Chase", member.email, "Elsewhere Ltd"):
        assert hidden not in text
    assert membership.client.name in text


def test_clients_read_that_talent_can_see_their_views(record):
    text = look(client_person("business"), record.profile).text

    assert f"{record.profile.name}</span> can see that someone at your organization viewed this, but not who." in text


@pytest.mark.parametrize("count", [1, 30])
def test_the_log_costs_the_same_whatever_its_length(count, record, django_assert_num_queries):
    today = record.profile.today()
    for number in range(count):
        ClientViewFactory(profile=record.profile, client=ClientFactory(), day=today - timedelta(days=number))
    browser = Browser()
    browser.force_login(record.profile.users.get())

    with django_assert_num_queries(7):  # session, user, places, profile, days, weeks, subscription
        browser.get(f"{record.profile.get_absolute_url()}certifications/seen-by/")


@pytest.mark.slow
def test_the_pages_of_the_log_miss_nothing(record):
    today = record.profile.today()
    names = {
        ClientViewFactory(
            profile=record.profile,
            client=ClientFactory(name=f"Buyer {number:03}"),
            day=today - timedelta(days=number // 7),
        ).client.name
        for number in range(120)
    }

    read, before, pages = [], None, 0
    while True:
        days, before = seen_by.log(record.profile, before=before)
        read += [name for day in days for name, *_ in day.clients]
        pages += 1
        if before is None:
            break

    assert pages == 3
    assert sorted(read) == sorted(names)


def test_the_chart_counts_each_client_once_a_week(record):
    monday = datetime.now(UTC).date() - timedelta(days=datetime.now(UTC).weekday())
    first, second = ClientFactory(), ClientFactory()
    for client, day in ((first, monday), (first, monday - timedelta(days=7)), (second, monday - timedelta(days=7))):
        ClientViewFactory(profile=record.profile, client=client, day=day, readers=[1, 2])
    ClientViewFactory(profile=record.profile, client=first, day=monday - timedelta(days=6))

    weeks = seen_by.weeks(record.profile, until=monday)

    assert [(week.clients, week.views) for week in weeks[-3:]] == [(0, 0), (2, 5), (1, 2)]


@pytest.mark.parametrize(("most", "top"), [(1, 5), (5, 5), (6, 10), (11, 25), (26, 50), (51, 100)])
def test_the_charts_axis_begins_at_nothing_and_has_whole_numbers(most, top):
    weeks = [seen_by.Week(date(2026, 11, 2), clients=most, views=10), seen_by.Week(date(2026, 11, 9), 0, 0)]

    chart = chart_of(weeks)

    assert (chart.ticks[0], chart.ticks[-1]) == (top, 0)
    assert [bar.height for bar in chart.bars] == [round(chart.height * most / top, 1), 0]


def test_there_is_no_chart_of_fewer_than_ten_views():
    assert chart_of([seen_by.Week(date(2026, 11, 2), clients=1, views=9)]) is None


def test_rows_older_than_400_days_are_removed(record):
    today = datetime.now(UTC).date()
    kept = ClientViewFactory(profile=record.profile, day=today - timedelta(days=400))
    ClientViewFactory(profile=record.profile, day=today - timedelta(days=401))

    call_command("due", verbosity=0)

    assert list(ClientView.objects.all()) == [kept]


def test_a_view_is_unique_by_day_and_has_a_reader(record):
    view = ClientViewFactory(profile=record.profile)
    for values in ({"readers": [2]}, {"readers": [], "surface": "other"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ClientView.objects.create(
                **{"profile": view.profile, "client": view.client, "surface": "page", "day": view.day} | values
            )


def test_a_page_of_the_log_opens_with_a_deleted_or_forged_key(client, record):
    client.force_login(record.profile.users.get())
    for before in ("x", "-1", str(2**70), "99999"):
        assert (
            client.get(f"{record.profile.get_absolute_url()}certifications/seen-by/", {"before": before}).status_code
            == 200
        )


def test_owners_who_act_for_a_client_are_not_noted_on_their_own_page():
    user = UserFactory()
    ClientMembershipFactory(user=user)
    own = CertificationFactory(profile__owner=user)

    look(user, own.profile)

    assert not ClientView.objects.exists()
    assert visible_to(Viewer(user)).get() == own


@pytest.mark.parametrize("zone", ["Pacific/Pago_Pago", "America/New_York", "UTC", "Pacific/Kiritimati"])
def test_a_view_has_the_owners_day_and_each_member_counts_once_on_it(zone):
    profile = CertificationFactory(profile__time_zone=zone).profile
    user = client_person("enterprise")

    look(user, profile)
    look(user, profile)

    view = ClientView.objects.get()
    assert (view.day, view.count) == (profile.today(), 1)


def test_one_search_notes_each_profile_on_its_own_owners_day(rf):
    # Between these two zones lie more than 24 hours.
    zones = ("Pacific/Pago_Pago", "Pacific/Kiritimati")
    profiles = [CertificationFactory(profile__time_zone=zone).profile for zone in zones]
    viewer = Viewer(client_person("enterprise"))

    seen_by.note_many([profile.pk for profile in profiles], viewer, surface=ClientView.Surface.SEARCH, filters={})

    views = ClientView.objects.order_by("profile_id")
    assert [view.day for view in views] == [profile.today() for profile in profiles]
    assert not {*views[0].readers} & {*views[1].readers}
    assert {*views[0].readers, *views[1].readers} <= {*seen_by.reader_keys(viewer)}
