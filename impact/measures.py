"""The monitor's measures, fixed in advance."""

from datetime import timedelta
from typing import NamedTuple

# How long a contract is followed: what became of it is counted once, so many days after it started.
FOLLOW_UP = timedelta(days=28)


class Measure(NamedTuple):
    """A ratio of totals: so much `of` something, shown `per` so many of it."""

    label: str
    # How a difference is told after its number, such as "more invitations"; {} is one of `words`.
    told: str
    per: int
    of: str
    # A change this way harms: +1 more of it, -1 less, 0 neither by itself.
    harm: int
    # The standard error, of the bare ratio, at which its interval is tightest. Fixed before there is data.
    planned_error: float
    # Counted for each client and week; else for each contract that has it.
    is_weekly: bool = True
    # Of contracts, which are counted FOLLOW_UP after they started.
    is_of_contracts: bool = False
    is_money: bool = False
    digits: int = 0
    words: tuple[str, str] = ("more", "fewer")

    @property
    def unit(self) -> str:
        return f"per {self.per} {self.of}" if self.per > 1 else f"per {self.of}"

    @property
    def has_trend(self) -> bool:
        """True if it can be shown by week. Spending and outcomes may reveal a single contract."""
        return self.is_weekly and not self.is_money


PRIMARY = "invitations"
MEASURES = {
    PRIMARY: Measure("Invitations", "{} invitations", 100, "clients each week", -1, 0.02),
    "acceptances": Measure("Acceptances", "{} acceptances", 100, "clients each week", -1, 0.01),
    "declines": Measure("Declines", "{} declines", 100, "clients each week", 0, 0.01),
    "contracts": Measure("Contracts started", "{} contracts", 100, "clients each week", -1, 0.01, is_of_contracts=True),
    "spend": Measure(
        "Spend", "{}", 1, "client each week", -1, 20, is_of_contracts=True, is_money=True, words=("more", "less")
    ),
    "ended_early": Measure(
        "Contracts ended early by the client", "{} early ends", 100, "contracts", 1, 0.05, False, is_of_contracts=True
    ),
    "ratings": Measure(
        "Rating", "points {}", 1, "rated contract", -1, 0.1, False, is_of_contracts=True, digits=2,
        words=("higher", "lower"),
    ),
}  # fmt: skip
ALARMING = ("invitations", "ended_early", "ratings")
