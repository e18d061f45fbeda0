"""Time zones by names that people know."""

import re
import zoneinfo
from datetime import UTC, datetime
from html import unescape
from importlib import resources
from zoneinfo import ZoneInfo

import pytest

from profiles import places
from profiles.models import Profile
from tests.factories import ProfileFactory, UserFactory


def offered():
    return {zone: name for _, zones in places.time_zone_choices() for zone, name in zones}


def test_us_zones_come_first_and_by_the_names_people_use():
    heading, zones = places.time_zone_choices()[0]

    assert heading == "United States"
    assert zones[0] == ("America/New_York", "Eastern Time (New York)")
    assert ("Pacific/Honolulu", "Hawaii Time (Honolulu)") in zones
    assert set(places.STATE_TIME_ZONES.values()) <= dict(zones).keys()
    assert len(zones) < 15


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("America/Argentina/Buenos_Aires", "Buenos Aires, Argentina"),
        ("America/Indiana/Indianapolis", "Indianapolis, Indiana"),
        ("America/St_Johns", "St. Johns"),
        ("Europe/Lisbon", "Lisbon"),
        ("UTC", "UTC"),
    ],
)
def test_other_zones_are_named_by_their_city(zone, name):
    assert offered()[zone] == name


def test_every_zone_of_every_region_is_offered_once_and_no_two_of_a_region_look_alike():
    regions = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    known = {zone for zone in zoneinfo.available_timezones() if zone.partition("/")[0] in regions}
    for _, zones in places.time_zone_choices():
        assert len({name for _, name in zones}) == len(zones)
        assert not any("_" in name or "/" in name for _, name in zones)
    assert sum(len(zones) for _, zones in places.time_zone_choices()) == len(offered())
    assert offered().keys() == known | {"UTC"}


@pytest.mark.django_db
def test_the_form_shows_the_zone_that_is_kept_under_its_heading_and_saves_another(client):
    user = UserFactory()
    profile = ProfileFactory(owner=user, state="HI", time_zone="Pacific/Honolulu")
    client.force_login(user)
    address = f"{profile.get_absolute_url()}edit/details/"

    page = client.get(address).text
    assert '<optgroup label="United States"><option value="America/New_York">' in page
    assert '<option value="Pacific/Honolulu" selected>Hawaii Time (Honolulu)</option>' in page
    assert '<optgroup label="Indian Ocean">' in page
    for zone in ("Asia/Kolkata", "UTC", "America/Chicago"):
        client.post(address, {"country": "US", "state": "HI", "time_zone": zone})
        assert Profile.objects.get().time_zone == zone
        assert f'<option value="{zone}" selected>' in client.get(address).text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "hint"),
    [
        ("TX", "Most of Texas is on Central Time. Change this if you're in El Paso."),
        ("ID", "Most of Idaho is on Mountain Time. Change this if you're in Coeur d'Alene or Lewiston."),
        ("TN", "Most of Tennessee is on Central Time. Change this if you're in Knoxville or Chattanooga."),
        ("NY", ""),
        ("", ""),
    ],
)
def test_a_state_with_two_zones_has_a_hint(client, state, hint):
    user = UserFactory()
    place = {"country": "US" if state else "CA", "state": state}
    client.force_login(user)

    created = client.post("/profiles/new/", {"kind": "freelancer", "name": "Ann", **place}, follow=True)
    profile = Profile.objects.get()
    edited = client.get(f"{profile.get_absolute_url()}edit/details/")

    told = unescape(edited.text)
    assert hint in told if hint else "Most of" not in told
    # Abroad, a country may have several zones.
    assert ("If that's wrong, change it under" in unescape(created.text)) == bool(hint or not state)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("country", "zone", "name"),
    [
        ("FR", "Europe/Paris", "Paris"),
        ("CA", "America/Toronto", "Toronto"),
        ("IN", "Asia/Kolkata", "Kolkata"),
        ("AQ", "UTC", "UTC"),  # in no region that can be chosen
    ],
)
def test_a_profile_abroad_begins_with_a_zone_of_its_country_and_says_so(country, zone, name, client):
    client.force_login(UserFactory())

    page = client.post("/profiles/new/", {"kind": "freelancer", "name": "Ann", "country": country}, follow=True)

    assert Profile.objects.get().time_zone == zone
    assert f"Your time zone is {name}. If that's wrong, change it under" in unescape(page.text)


def test_every_country_has_a_zone_that_can_be_chosen():
    zones = {places.time_zone_of(code, "") for code, _ in places.country_choices()}

    assert zones <= offered().keys()
    assert set(places.MAIN_TIME_ZONES.values()) <= zones


def test_every_state_with_a_hint_has_a_zone_of_its_own_that_the_hint_names():
    for state in places.ELSEWHERE:
        zone = places.US_TIME_ZONES[places.STATE_TIME_ZONES[state]]
        assert f" is on {zone.partition(' (')[0]}. " in places.time_zone_hint(state)


def test_states_that_the_time_zone_database_splits_have_a_hint():
    """Its comments name those that keep another zone in a part: "Mountain - ID (south), OR (east)"."""
    now = datetime(2026, 7, 1, tzinfo=UTC)
    split = set()
    for line in resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text().splitlines():
        if not line.startswith("US"):
            continue
        _, _, zone, *where = line.split("\t")
        for state in re.findall(r"\b[A-Z]{2}(?= \()", " ".join(where)):
            usual = places.STATE_TIME_ZONES[state]
            if now.astimezone(ZoneInfo(zone)).utcoffset() != now.astimezone(ZoneInfo(usual)).utcoffset():
                split.add(state)

    assert split == {"IN", "MI", "OR"}
    assert split < places.ELSEWHERE.keys()
