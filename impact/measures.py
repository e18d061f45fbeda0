"""What the monitor measures, fixed in advance."""

from typing import NamedTuple

WEEKS = "weeks"


class Measure(NamedTuple):
    """A ratio of totals: so much `of` something, shown `per` so many of it."""

    label: str
    noun: str
    per: int
    of: str
    # A change this way harms: +1 more of it, -1 less, 0 neither by itself.
    harm: int
    # The standard error, of the bare ratio, at which its interval is tightest. Fixed before there is data.
    planned_error: float
    is_money: bool = False
    digits: int = 0


PRIMARY = "invitations"
MEASURES = {
    PRIMARY: Measure("Invitations", "invitations", 100, "clients a week", -1, 0.02),
    "acceptances": Measure("Acceptances", "acceptances", 100, "clients a week", -1, 0.01),
    "declines": Measure("Declines", "declines", 100, "clients a week", 0, 0.01),
    "contracts": Measure("Contracts started", "contracts", 100, "clients a week", -1, 0.01),
    "spend": Measure("Spend", "", 1, "client a week", -1, 20, is_money=True),
    "ended_early": Measure("Contracts ended early by the client", "early ends", 100, "contracts that ended", 1, 0.05),
    "ratings": Measure("Rating", "points", 1, "rated contract", -1, 0.1, digits=2),
}
# What counts for each client and week; the others count for each contract.
A_WEEK = ("invitations", "acceptances", "declines", "contracts", "spend")
ALARMING = ("invitations", "ended_early", "ratings")
