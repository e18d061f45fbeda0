"""Countries, U.S. states and time zones that a profile may name."""

import zoneinfo
from functools import cache

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


def place(country, state):
    """`country` and `state` as a profile keeps them: a U.S. territory chosen as a country is a state of the U.S."""
    return (UNITED_STATES, country) if country in TERRITORIES else (country, state)


@cache
def country_choices():
    """(ISO 3166-1 alpha-2 code, name) of every country, the United States first, then by name."""
    names = {c.alpha_2: getattr(c, "common_name", c.name) for c in pycountry.countries}
    others = sorted((item for item in names.items() if item[0] != UNITED_STATES), key=lambda item: item[1])
    return [(UNITED_STATES, "United States"), *others]


@cache
def state_choices():
    """(postal code, name) of every U.S. state, district and territory, by name."""
    states = pycountry.subdivisions.get(country_code=UNITED_STATES)
    return sorted(((s.code.removeprefix("US-"), s.name) for s in states), key=lambda item: item[1])


@cache
def time_zone_choices():
    """(IANA name, name to read), the U.S. zones first."""
    regions = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    american = sorted(set(STATE_TIME_ZONES.values()))
    others = sorted(
        zone for zone in zoneinfo.available_timezones() if zone.partition("/")[0] in regions and zone not in american
    )
    return [(zone, zone.replace("_", " ")) for zone in [*american, *others, "UTC"]]


@cache
def country_name(code):
    return dict(country_choices()).get(code, code)


@cache
def state_name(code):
    return dict(state_choices()).get(code, code)
