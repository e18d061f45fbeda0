"""The countries, U.S. states and time zones that a profile may have."""

import zoneinfo
from functools import cache
from importlib import resources

import pycountry

UNITED_STATES = "US"
# Each U.S. territory has a country's code as well. People there choose it as their country.
TERRITORIES = ("AS", "GU", "MP", "PR", "UM", "VI")

# The zone most of a state keeps; its owner can choose another. Days count in it, so a guess beats UTC.
_EASTERN = ("CT", "DE", "DC", "FL", "GA", "IN", "KY", "ME", "MD", "MA", "MI", "NH", "NJ", "NY", "NC", "OH")
_EASTERN += ("PA", "RI", "SC", "VT", "VA", "WV")
_CENTRAL = ("AL", "AR", "IL", "IA", "KS", "LA", "MN", "MS", "MO", "NE", "ND", "OK", "SD", "TN", "TX", "WI")
_MOUNTAIN = ("CO", "ID", "MT", "NM", "UT", "WY")
_PACIFIC = ("CA", "NV", "OR", "WA")
STATE_TIME_ZONES = (
    dict.fromkeys(_EASTERN, "America/New_York")
    | dict.fromkeys(_CENTRAL, "America/Chicago")
    | dict.fromkeys(_MOUNTAIN, "America/Denver")
    | dict.fromkeys(_PACIFIC, "America/Los_Angeles")
    | {
        "AK": "America/Anchorage",
        "AZ": "America/Phoenix",
        "HI": "Pacific/Honolulu",
        "PR": "America/Puerto_Rico",
        "VI": "America/Puerto_Rico",
        "GU": "Pacific/Guam",
        "MP": "Pacific/Guam",
        "AS": "Pacific/Pago_Pago",
        "UM": "Pacific/Pago_Pago",
    }
)
DEFAULT_TIME_ZONE = "America/New_York"
# Where most people of a country with several zones live.
MAIN_TIME_ZONES = {
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CL": "America/Santiago",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "ID": "Asia/Jakarta",
    "KZ": "Asia/Almaty",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PF": "Pacific/Tahiti",
    "PG": "Pacific/Port_Moresby",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}
US_TIME_ZONES = {
    "America/New_York": "Eastern Time (New York)",
    "America/Chicago": "Central Time (Chicago)",
    "America/Denver": "Mountain Time (Denver)",
    "America/Phoenix": "Arizona Time (Phoenix)",
    "America/Los_Angeles": "Pacific Time (Los Angeles)",
    "America/Anchorage": "Alaska Time (Anchorage)",
    "America/Adak": "Aleutian Time (Adak)",
    "Pacific/Honolulu": "Hawaii Time (Honolulu)",
    "America/Puerto_Rico": "Atlantic Time (San Juan)",
    "Pacific/Guam": "Chamorro Time (Guam)",
    "Pacific/Pago_Pago": "Samoa Time (Pago Pago)",
}
# Where in a state another zone is kept than in most of it. Source: 49 CFR part 71, and tzdata's `northamerica`.
ELSEWHERE = {
    "AK": "the western Aleutian Islands",
    "AZ": "the Navajo Nation",
    "FL": "Pensacola or Panama City",
    "ID": "Coeur d'Alene or Lewiston",
    "IN": "Gary or Evansville",
    "KS": "Goodland",
    "KY": "Bowling Green, Owensboro or Paducah",
    "MI": "Iron Mountain or Ironwood",
    "ND": "Dickinson",
    "NE": "Scottsbluff",
    "NV": "West Wendover",
    "OR": "Ontario or Vale",
    "SD": "Rapid City",
    "TN": "Knoxville or Chattanooga",
    "TX": "El Paso",
}
_REGIONS = {
    "America": "Americas",
    "Europe": "Europe",
    "Africa": "Africa",
    "Asia": "Asia",
    "Australia": "Australia",
    "Pacific": "Pacific",
    "Atlantic": "Atlantic",
    "Indian": "Indian Ocean",
}


def place(country: str, state: str) -> tuple[str, str]:
    """Return `country` and `state` as a profile stores them: a U.S. territory becomes a state of the U.S."""
    return (UNITED_STATES, country) if country in TERRITORIES else (country, state)


@cache
def country_choices() -> list[tuple[str, str]]:
    """Return (ISO 3166-1 alpha-2 code, name) of every country, the United States first, then by name."""
    names = {c.alpha_2: getattr(c, "common_name", c.name) for c in pycountry.countries}
    others = sorted((item for item in names.items() if item[0] != UNITED_STATES), key=lambda item: item[1])
    return [(UNITED_STATES, "United States"), *others]


@cache
def state_choices() -> list[tuple[str, str]]:
    """Return (postal code, name) of every U.S. state, district and territory, by name."""
    states = pycountry.subdivisions.get(country_code=UNITED_STATES)
    return sorted(((s.code.removeprefix("US-"), s.name) for s in states), key=lambda item: item[1])


@cache
def time_zone_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return (heading, [(IANA name, name to read)]): the U.S. first, the others by city within their region."""
    others = {heading: [] for heading in _REGIONS.values()}
    for zone in zoneinfo.available_timezones() - US_TIME_ZONES.keys():
        region, _, city = zone.partition("/")
        if region in _REGIONS:
            others[_REGIONS[region]].append((zone, _city(city)))
    regions = [(heading, sorted(zones, key=lambda zone: zone[1])) for heading, zones in others.items()]
    return [("United States", list(US_TIME_ZONES.items())), *regions, ("No city", [("UTC", "UTC")])]


def _city(name: str) -> str:
    """Return a city's name to read: "Buenos Aires, Argentina" for "Argentina/Buenos_Aires"."""
    return ", ".join(reversed(name.replace("_", " ").replace("St ", "St. ").split("/")))


@cache
def _zones_by_country() -> dict[str, list[str]]:
    """Return the zones of each country that can be chosen, by its code. Source: the time zone database's `zone.tab`."""
    offered = {zone for _, zones in time_zone_choices() for zone, _ in zones}
    found: dict[str, list[str]] = {}
    for line in resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text().splitlines():
        if not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            if zone in offered:
                found.setdefault(country, []).append(zone)
    return found


def time_zone_of(country: str, state: str) -> str:
    """Return the zone that most people of a place keep, as far as is known."""
    if country == UNITED_STATES:
        return STATE_TIME_ZONES.get(state, DEFAULT_TIME_ZONE)
    return MAIN_TIME_ZONES.get(country) or _zones_by_country().get(country, ["UTC"])[0]


@cache
def time_zone_name(zone: str) -> str:
    """Return a zone's name to read, such as "Eastern Time (New York)" or "Toronto"."""
    return {zone: name for _, zones in time_zone_choices() for zone, name in zones}.get(zone, zone)


def time_zone_hint(state: str) -> str:
    """Return a sentence that says for whom in a state its usual time zone is wrong, or "" if for no one."""
    where = ELSEWHERE.get(state)
    if where is None:
        return ""
    zone = US_TIME_ZONES[STATE_TIME_ZONES[state]].partition(" (")[0]
    return f"Most of {state_name(state)} is on {zone}. Change this if you're in {where}."


@cache
def country_name(code: str) -> str:
    return dict(country_choices()).get(code, code)


@cache
def state_name(code: str) -> str:
    return dict(state_choices()).get(code, code)
