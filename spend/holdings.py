"""What a business held on which days, as far as it was known at a cut-off. Pure: nothing here reads the database.

Every fact has two times. Its valid time says when it is true of the certificate. Its known time says when the
marketplace learned it. A report reads only what was known at its cut-off, so a later certificate changes the next
report and never an earlier one.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple, Self

from certifications.models.choices import RENEWED_WITHIN
from spend.choices import DateRule, Reason
from spend.rules import Rules


class Named(NamedTuple):
    """How a record names its certificate. Counting reads none of it; reports and letters print it."""

    record: int = 0
    certificate: str = ""
    body: str = ""
    number: str = ""
    legal_business_name: str = ""


class Statement(NamedTuple):
    """What a record said about its certificate from the moment `known_at` on, until the record's next statement.

    `said_on` is the day on which its owner first said so. `ends_on` is None if it does not expire. `applied_on` is the
    day on which this term was applied for, if known.
    """

    known_at: datetime
    reported_at: datetime
    type: str
    body: str
    body_kind: str
    issued_on: date | None
    ends_on: date | None
    said_on: date
    applied_on: date | None = None
    named: Named = Named()

    @property
    def starts_on(self) -> date:
        """The issue date, or the day of the report if the owner gave none."""
        return self.issued_on or self.said_on

    def renews(self, older: Self) -> bool:
        """Return True if it states a further term, and False if it corrects what `older` said."""
        if older.ends_on is None or (self.type, self.body) != (older.type, older.body):
            return False
        is_longer = self.ends_on is None or self.ends_on > older.ends_on
        was_due = self.known_at.date() >= older.ends_on - RENEWED_WITHIN
        return is_longer and was_due and self.starts_on > older.starts_on

    def correcting(self, older: Self) -> Self:
        """Return it as a correction of `older`. What the same report said first, it said on that day."""
        said_on = older.said_on if older.reported_at == self.reported_at else self.said_on
        return self._replace(said_on=said_on, applied_on=self.applied_on or older.applied_on)


class Proof(NamedTuple):
    """Evidence of one report and one last day. `is_void`: its end says that it was wrong from the start."""

    known_at: datetime
    reported_at: datetime
    certified_until: date | None
    evidence_on: date
    step: int
    holds_until: date | None = None
    ended_at: datetime | None = None
    is_void: bool = False

    def is_of(self, said: Statement) -> bool:
        """Return True if it is evidence of this report and last day, and not older than the certificate."""
        is_same = (self.reported_at, self.certified_until) == (said.reported_at, said.ends_on)
        return is_same and (said.issued_on is None or said.issued_on <= self.evidence_on)

    def at(self, cutoff: datetime) -> Self | None:
        """Return it as it was known at `cutoff`, or None if it did not stand then."""
        if self.known_at >= cutoff:
            return None
        if self.ended_at is None or self.ended_at >= cutoff:
            return self
        if self.is_void:
            return None
        last_day = self.ended_at.date()
        return self._replace(holds_until=min(self.holds_until or last_day, last_day))


class Suspension(NamedTuple):
    """The time during which staff suspended or refused a record."""

    began_at: datetime
    ended_at: datetime | None

    def includes(self, day: date, cutoff: datetime) -> bool:
        if self.began_at >= cutoff or day < self.began_at.date():
            return False
        return self.ended_at is None or self.ended_at >= cutoff or day < self.ended_at.date()


class RecordFacts(NamedTuple):
    """Everything that is known of one record: its statements and the rest, oldest first."""

    statements: tuple[Statement, ...]
    proofs: tuple[Proof, ...] = ()
    suspensions: tuple[Suspension, ...] = ()


class Holding(NamedTuple):
    """One term of one certificate, as it was known at a cut-off."""

    type: str
    body: str
    body_kind: str
    starts_on: date
    ends_on: date | None
    applied_on: date | None
    proofs: tuple[Proof, ...]
    suspensions: tuple[Suspension, ...]
    cutoff: datetime
    named: Named = Named()

    def step_on(self, day: date) -> int:
        """Return the verification level on a day of the term. Evidence stands for the term, back to its first day."""
        day = max(day, self.starts_on) if self.ends_on is None else min(max(day, self.starts_on), self.ends_on)
        return max((p.step for p in self.proofs if p.holds_until is None or p.holds_until >= day), default=0)

    def against(self, day: date, rules: Rules) -> Reason | None:
        """Return the first reason why a payment of `day` does not count by it, or None if it counts."""
        if any(suspension.includes(day, self.cutoff) for suspension in self.suspensions):
            return Reason.NO_CERTIFICATE  # no client learns of a suspension
        if rules.types is not None and self.type not in rules.types:
            return Reason.TYPE
        if rules.bodies is not None and self.body not in rules.bodies:
            return Reason.BODY
        if rules.body_kinds is not None and self.body_kind not in rules.body_kinds:
            return Reason.BODY
        if reason := self._out_of_date(day, rules):
            return reason
        step = self.step_on(day)
        if not step and not rules.self_reported:
            return Reason.SELF_REPORTED
        return Reason.STEP if step < rules.least_step else None

    def turning_days(self, rules: Rules) -> set[date]:
        """Return the days from which on `against` and `step_on` may answer otherwise than on the day before."""
        starts, ends = {self.starts_on}, {proof.holds_until for proof in self.proofs} | {self.ends_on}
        for suspension in self.suspensions:
            starts |= {moment.date() for moment in suspension if moment}
        if rules.date_rule == DateRule.ANY_TIME:
            starts.add(rules.fiscal_year(self.starts_on).starts_on)
            ends |= {self.ends_on and rules.fiscal_year(self.ends_on).ends_on}
        elif rules.date_rule == DateRule.GRACE:
            ends |= {self.ends_on and self.ends_on + timedelta(days=rules.grace_days)}
        elif rules.date_rule == DateRule.FROM_APPLICATION and self.applied_on:
            year = rules.fiscal_year(self.starts_on)
            starts |= {year.starts_on, self.applied_on}
            ends |= {year.ends_on}
        return starts | {last + timedelta(days=1) for last in ends if last}

    def _out_of_date(self, day: date, rules: Rules) -> Reason | None:
        """Return NOT_YET or EXPIRED if the client's date rule has `day` outside the term, or None."""
        first, last = self.starts_on, self.ends_on
        earliest = latest = day
        if rules.date_rule == DateRule.ANY_TIME:
            earliest, latest = rules.fiscal_year(day)
        elif rules.date_rule == DateRule.GRACE and last is not None:
            last += timedelta(days=rules.grace_days)
        elif rules.date_rule == DateRule.FROM_APPLICATION and self.applied_on and day in rules.fiscal_year(first):
            first = min(first, self.applied_on)
        if last is not None and earliest > last:  # first, for what was reported after it had expired
            return Reason.EXPIRED
        return Reason.NOT_YET if latest < first else None


def holdings(records: Iterable[RecordFacts], cutoff: datetime) -> list[Holding]:
    """Return the terms of the certificates of one business that were known before `cutoff`."""
    found = []
    for record in records:
        proofs = [proof for known in record.proofs if (proof := known.at(cutoff))]
        for said in _terms(record.statements, cutoff):
            held = Holding(
                said.type,
                said.body,
                said.body_kind,
                said.starts_on,
                said.ends_on,
                said.applied_on,
                tuple(proof for proof in proofs if proof.is_of(said)),
                record.suspensions,
                cutoff,
                said.named,
            )
            found.append(held)
    return found


def _terms(statements: Iterable[Statement], cutoff: datetime) -> list[Statement]:
    """Return one statement for each term. A renewal adds a term; any other statement replaces the one before."""
    terms: list[Statement] = []
    for said in statements:
        if said.known_at >= cutoff:
            continue
        if terms and not said.renews(terms[-1]):
            said = said.correcting(terms.pop())
        terms.append(said)
    return terms
