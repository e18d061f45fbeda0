"""The Tier-2 layouts of Coupa: its export of direct spend by supplier, and its summary by category.

Source: Coupa Compass, "Supplier Diversity Report Direct Spends Export" and "… Summaries Export".
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sourcing.exports.files import Value
from spend.packs.columns import CURRENCY, Column
from spend.packs.tables import NOT_NAMED, Content, Row, Table
from spend.totals import shown

PRIME = "Marketplace"
PERIOD = Column("reporting-period", "Reporting period", "The period of the report.", 26)
DAYS = (
    PERIOD,
    Column("start-date", "Start date", "The first day of the period.", 14),
    Column("end-date", "End date", "The last day of the period.", 14),
    Column("status", "Status", "issued, or superseded by a later report.", 12),
)
CATEGORY = Column("diversity-category", "Diversity category", "The type, of several the primary one.", 22)
TOTAL = Column("total-spend", "Total spend", "The amount under that category.", 18)
DIRECT = (
    *DAYS,
    Column("tier-2-supplier", "Tier 2 supplier", "The business that was paid.", 30),
    Column("prime-supplier", "Prime supplier", "The marketplace.", 16),
    CATEGORY,
    Column("certificate-type", "Certificate type", "The name of the certificate.", 40),
    Column("certificate-number", "Certificate number", "The number of the certificate.", 20),
    Column("expiration-date", "Expiration date", "The last day of the certificate.", 16),
    TOTAL,
    CURRENCY,
)
SUMMARY = (
    *DAYS,
    CATEGORY,
    Column("direct-spend-credit", "Direct spend credit", "The amount credited: all of it is direct.", 18),
    Column("indirect-spend", "Indirect spend", "None: every payment is the client's own.", 18),
    Column("indirect-spend-credit", "Indirect spend credit", "None.", 18),
    TOTAL,
    CURRENCY,
)
NONE = Decimal("0.00")


class Supplier(NamedTuple):
    """A line of direct spend: a business under one category, by one certificate. Without names: those removed."""

    name: str
    category: str
    certificate: str
    number: str
    expires_on: date | None


def _period(content: Content) -> dict[str, Value]:
    issued = content.issued
    return {
        "reporting-period": f"{issued.starts_on} to {issued.ends_on}",
        "start-date": issued.starts_on,
        "end-date": issued.ends_on,
        "status": "superseded" if issued.is_superseded else "issued",
        "currency": issued.plain_rules().currency,
    }


def direct(content: Content) -> Iterator[Row]:
    amounts: dict[Supplier, Decimal] = {}
    for row in content.rows():
        if row.types:
            details = content.details(row)
            category = content.issued.names_of_types[row.types[0]]
            supplier = Supplier(NOT_NAMED, category, "", "", None)
            if details and row.business is not None and details.certificates:
                first = details.certificates[0]
                ends_on = date.fromisoformat(first["ends_on"]) if first["ends_on"] else None
                name = content.named[row.business].name
                supplier = Supplier(name, category, first["certificate"], first["number"], ends_on)
            amounts[supplier] = amounts.get(supplier, Decimal(0)) + row.amount
    for supplier, amount in amounts.items():
        yield {
            **_period(content),
            "tier-2-supplier": supplier.name,
            "prime-supplier": PRIME,
            "diversity-category": supplier.category,
            "certificate-type": supplier.certificate,
            "certificate-number": supplier.number,
            "expiration-date": supplier.expires_on,
            "total-spend": amount,
        }


def summary(content: Content) -> Iterator[Row]:
    for key, name in content.issued.names_of_types.items():
        amount = shown(content.sums.totals.primary[key].amount)
        yield {
            **_period(content),
            "diversity-category": name,
            "direct-spend-credit": amount,
            "indirect-spend": NONE,
            "indirect-spend-credit": NONE,
            "total-spend": amount,
        }


def tables(content: Content) -> list[Table]:
    """Return the tables in the layouts of Coupa. Each payment is in one category, its primary one."""
    note = "Coupa's layout. Each payment is in one category, its primary one, so the categories add up."
    currency = content.issued.plain_rules().currency
    return [
        Table(
            "coupa-tier-2-direct",
            "Coupa Tier 2, direct spend",
            note,
            DIRECT,
            lambda: direct(content),
            currency,
            names_businesses=True,
        ),
        Table("coupa-tier-2-summary", "Coupa Tier 2, summary", note, SUMMARY, lambda: summary(content), currency),
    ]
