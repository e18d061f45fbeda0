"""The accounts of the demo."""

from typing import NamedTuple

PASSWORD = "demo"  # noqa: S105 - the demo loads with DEBUG on only, and says so on the sign-in page


class Account(NamedTuple):
    email: str
    description: str


ACCOUNTS = [
    Account("freelancer@demo.test", "a freelancer with two certifications"),
    Account("agency-admin@demo.test", "an admin of an agency with one"),
    Account(
        "agency-member@demo.test", "a member of that agency, and of one that shows its certifications to its members"
    ),
    Account("enterprise@demo.test", "a member of an Enterprise client: sees certifications"),
    Account("business@demo.test", "a member of a Business client: sees certifications"),
    Account("plus@demo.test", "a member of a Plus client: sees none"),
    Account("basic@demo.test", "a member of a Basic client: sees none"),
    Account("staff@demo.test", "staff, with the admin at /admin/"),
    Account("reviewer@demo.test", "more staff, who decide on appeals"),
]
