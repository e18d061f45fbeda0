"""What a page of spend is asked about: the client, its rules, and a fiscal year."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from common.keys import key_of
from profiles.models import Client, Profile
from rollout.middleware import SignedInPolicyRequest
from sourcing import access
from spend import wording
from spend.models import IssuedReport, SavedRules
from spend.models.goals import YEARS
from spend.rules import Period, Rules


@dataclass(frozen=True)
class Asked:
    """The client that the viewer acts for, its rules now, and the fiscal year in the address: this one by default."""

    client: Client
    saved: SavedRules | None  # None: the client has none, and the defaults apply
    rules: Rules
    year: int

    @classmethod
    def of(cls, request: SignedInPolicyRequest) -> "Asked":
        return cls.of_client(request.viewer.acts_for.pk, key_of(request.GET.get("year", "")))

    @classmethod
    def of_client(cls, client_pk: int, year: int = 0) -> "Asked":
        """Return what is asked for about a client. A year that is no fiscal year stands for this one."""
        client = Client.objects.get(pk=client_pk)
        saved = SavedRules.of_client(client)
        rules = saved.plain() if saved else Rules()
        return cls(client, saved, rules, year if year in YEARS else cls.year_now(rules))

    @staticmethod
    def year_now(rules: Rules) -> int:
        return rules.fiscal_year(timezone.localdate()).ends_on.year

    @cached_property
    def period(self) -> Period:
        return self.rules.fiscal_year_named(self.year)

    @property
    def name(self) -> str:
        return wording.fiscal_year(self.rules, self.period)

    @property
    def days(self) -> str:
        return wording.days(self.period)

    @property
    def earlier(self) -> int | None:
        return self.year - 1 if self.year - 1 in YEARS else None

    @property
    def later(self) -> int | None:
        return self.year + 1 if self.year + 1 in YEARS else None

    @property
    def has_begun(self) -> bool:
        return self.period.starts_on <= timezone.localdate()

    @cached_property
    def types(self) -> Mapping[str, str]:
        """The names of the types that the client uses and accepts, by key, in the order in which one is primary."""
        used = dict(access.used_types(self.client.pk).values_list("key", "name"))
        return {key: used[key] for key in self.rules.order(list(used))}

    @cached_property
    def addressable(self) -> Decimal | None:
        """What the client entered as its addressable spend of the year, or None if not for every day of it."""
        found = self.saved.addressable_in(self.period) if self.saved else None
        return found.amount if found else None

    def payments(self, period: Period | None = None, **filters: Any) -> str:
        """Return the address of the payments of `period`, by default of the year, with these filters."""
        return payments_url(period or self.period, **filters)


def payments_url(period: Period, **filters: Any) -> str:
    query = {"starts_on": period.starts_on.isoformat(), "ends_on": period.ends_on.isoformat()} | filters
    return reverse("spend:payments", query=query)


def letter_url(profile: Profile, on: date | None = None) -> str:
    """Return the address of the evidence letter about a business: of a day, by default today."""
    query = {"on": on.isoformat()} if on else None
    return reverse("spend:letter", args=[profile.kind, profile.slug], query=query)


def report_of(request: SignedInPolicyRequest, number: int) -> IssuedReport:
    """Return an issued report of the client that the viewer acts for. Raise Http404."""
    found = IssuedReport.objects.select_related("client", "replaces", "replaced_by")
    return get_object_or_404(found, client=request.viewer.acts_for.pk, number=number)
