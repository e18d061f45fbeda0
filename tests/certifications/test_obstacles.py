"""Why no client sees a record: each reason of the rule has its words for its owner and for staff."""

from datetime import timedelta

import pytest
from django.utils import timezone

from certifications.rule import BY_OBSTACLE, CLIENT_BY_OBSTACLE, Obstacle
from certifications.sharing.viewers import sights
from rollout.models import RolloutPolicy
from tests.factories import CertificationFactory
from tests.in_force import with_status
from tests.site import person, roll_out, sign_in, staff

pytestmark = pytest.mark.django_db
NOW = timezone.now()
DECIDED = {"standing_reason": "not_found", "standing_at": NOW}
LIST = "/admin/certifications/certification/"
# What makes a record's first obstacle each of them.
STATES: dict[str, dict] = {
    Obstacle.WITHDRAWN: {"withdrawn_at": NOW},
    Obstacle.REFUSED: {"standing": "refused", **DECIDED},
    Obstacle.SUSPENDED: {"standing": "suspended", **DECIDED},
    Obstacle.EXPIRED: {"expires_on": NOW.date() - timedelta(days=3)},
    Obstacle.ABROAD: {"profile__country": "CA", "profile__state": ""},
    Obstacle.PAUSED: {"pause": {}},
    Obstacle.HIDDEN: {"hidden_at": NOW},
    Obstacle.NOT_SHOWN: {"consent": False},
    Obstacle.PROFILE_OFF: {"profile__is_active": False},
    Obstacle.NOBODY: {"audience": "nobody"},
    Obstacle.AUDIENCE: {"agreed_plans": ["basic"]},
    Obstacle.STOPPED: {},
    Obstacle.TYPE_STOPPED: {},
    Obstacle.UNNAMED: {"audience": "named"},
}


@pytest.fixture(params=STATES)
def obstacle(request):
    return request.param


@pytest.fixture
def record(obstacle):
    record = CertificationFactory(profile__owner=person(), **STATES[obstacle])
    if obstacle == Obstacle.STOPPED:
        roll_out(is_paused=True)
    if obstacle == Obstacle.TYPE_STOPPED:
        roll_out(paused_types=[record.type_id])
    return with_status().with_step().get()


def test_every_obstacle_has_one_condition_its_words_and_its_test():
    assert [*BY_OBSTACLE, *CLIENT_BY_OBSTACLE] == list(Obstacle)
    assert list(STATES) == list(BY_OBSTACLE)
    assert len({condition.to_staff for condition in BY_OBSTACLE.values()}) == len(STATES)


@pytest.mark.slow
def test_the_owner_reads_the_obstacle_wherever_the_record_is_shown(record, obstacle, client):
    with record.profile.in_its_time_zone():
        words = BY_OBSTACLE[obstacle].status(record)
        assert (record.unseen_because, record.status) == (obstacle, words)
    assert record.because
    client.force_login(record.profile.users.get())
    page = client.get(record.get_absolute_url())
    section = client.get(record.section_url)

    assert page.status_code == section.status_code == 200
    assert words in page.text.replace("&#x27;", "'")
    if obstacle != Obstacle.WITHDRAWN:  # withdrawn ones have a list of their own there, and no badge
        assert words in section.text.replace("&#x27;", "'")
    assert not any(sight.sees for sight in sights(record, RolloutPolicy.in_force(), blocked=[]))


@pytest.mark.slow
def test_staff_read_the_obstacle_in_the_list_in_its_filter_and_on_the_record(record, obstacle, client):
    words = BY_OBSTACLE[obstacle].to_staff
    sign_in(client, staff(is_superuser=True))

    for path in (LIST, f"{LIST}?state={obstacle}", f"{LIST}?q={record.number}", f"{LIST}{record.pk}/change/"):
        page = client.get(path)
        assert page.status_code == 200
        assert words in page.text
    assert list(client.get(f"{LIST}?state={obstacle}").context["cl"].result_list) == [record]
    assert list(client.get(f"{LIST}?state=shown").context["cl"].result_list) == []
