"""Issues reports: freezes what a draft says, and later takes out the businesses that may no longer be named."""

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from itertools import batched
from typing import Any, NamedTuple

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from certifications.models import CertificationType
from common.hooks import Hook
from profiles.models import Client, Profile, User
from rollout.models import RolloutPolicy
from sourcing import access
from spend import report, sums
from spend.changes import Part, total
from spend.counting import CountedEntry
from spend.frozen import digest
from spend.models import (
    IssuedReport,
    Payment,
    PaymentFile,
    ReportDraft,
    ReportedDetails,
    ReportedPayee,
    ReportedPayment,
    SavedRules,
)
from spend.packs import keeping
from spend.rules import Rules
from spend.saying import STATEMENT
from spend.since import since
from spend.sums import Figures
from spend.totals import Totals

BATCH = 5_000
IMPORT_TIMEOUT = "3s"  # how long an import is waited for, with nothing shown meanwhile
# Called with each IssuedReport in the transaction that issues it.
report_issued = Hook()


class ImportRunsError(Exception):
    """Payments are being imported, so no one can say yet what is known."""


class ChangedMeanwhileError(Exception):
    """What counts changed while the report was made, so its parts would say different things."""


class Signer(NamedTuple):
    """The person who signs a report."""

    name: str
    title: str


def figures(draft: ReportDraft, policy: RolloutPolicy) -> Figures:
    """Return what `draft` says in sums with what is known now."""
    saved = SavedRules.of_client(draft.client)
    rules = saved.plain() if saved else Rules()
    found = sums.current(draft.client, draft.period, rules=rules, policy=policy)
    addressable = saved.addressable_in(draft.period) if saved else None
    names = _names_of_types(draft.client, rules, found.totals)
    return Figures(found, rules, names, addressable.amount if addressable else None)


def _names_of_types(client: Client, rules: Rules, totals: Totals) -> dict[str, str]:
    """Return the names of the types that the client uses, and of any other under which a payment counts, in order."""
    names = dict(CertificationType.objects.values_list("key", "name"))
    used = set(access.used_types(client.pk).values_list("key", flat=True))
    used |= {key for key, line in totals.overlapping.items() if line.payments}
    return {key: names[key] for key in rules.order(list(names)) if key in used}


def lock(client: int) -> None:
    """Let no one else begin or issue a report of `client` until the transaction ends."""
    Client.objects.select_for_update(no_key=True).get(pk=client)


def _wait_for_imports() -> None:
    """Let no import begin until the transaction ends. Raise ImportRunsError if one that runs takes too long.

    Payments get the moment at which their import began, and are seen only when it ends. Without this, a cut-off in
    between would lie after payments that the report does not have, and its later queries might find them. An import
    takes SHARE ROW EXCLUSIVE, which this excludes. Two reports do not exclude each other.
    """
    with connection.cursor() as cursor:
        try:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [IMPORT_TIMEOUT])
            cursor.execute(f"LOCK TABLE {PaymentFile._meta.db_table} IN SHARE MODE")
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise ImportRunsError from error
            raise
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")


@transaction.atomic
def issue(draft: ReportDraft, *, signer: Signer, by: User, policy: RolloutPolicy) -> IssuedReport:
    """Issue `draft` with what is known now. Return the report.

    Of two people who issue it at once, the second gets the report of the first. Raise IssuedReport.DoesNotExist if
    someone discarded the draft, ImportRunsError while payments are imported, and ChangedMeanwhileError if what changed
    since the report before doesn't lead to what this one says.
    """
    lock(draft.client_id)
    if not ReportDraft.objects.filter(pk=draft.pk).delete()[0]:
        return IssuedReport.objects.get(draft=draft.key)
    _wait_for_imports()
    cutoff = timezone.now()
    saved = SavedRules.objects.filter(client=draft.client_id, saved_at__lt=cutoff).first()
    rules = saved.plain() if saved else Rules()
    addressable = saved.addressable_in(draft.period) if saved else None
    made = report.make(draft.client, draft.period, rules=rules, cutoff=cutoff, policy=policy)
    issued = IssuedReport(
        client=draft.client,
        number=_next_number(draft.client_id),
        draft=draft.key,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        cutoff=cutoff,
        issued_by=by,
        signer_name=signer.name,
        signer_title=signer.title,
        statement=STATEMENT,
        saved_rules=saved,
        rules=asdict(rules),
        type_names=list(_names_of_types(draft.client, rules, made.totals).items()),
        addressable=addressable.amount if addressable else None,
        addressable_note=addressable.note if addressable else "",
        replaces=draft.replaces,
        reason=draft.reason,
        changes=_changes(draft, made),
    )
    rows = _rows(issued, made)
    issued.digest = digest(rows)
    issued.save(force_insert=True)
    ReportedPayment.objects.bulk_create(rows, batch_size=BATCH)
    _identify(issued, rows, made)
    report_issued(issued)
    return issued


def _next_number(client: int) -> int:
    last = IssuedReport.objects.filter(client=client).order_by("number").last()
    return last.number + 1 if last else 1


def _changes(draft: ReportDraft, made: report.Report) -> dict[str, Any] | None:
    """Return the sums of what changed since the report that `draft` replaces, as JSON.

    They are added up by other queries than those of the report, and someone may say in between that a payment isn't
    theirs. Raise ChangedMeanwhileError if they don't lead to what the report says.
    """
    if draft.replaces is None:
        return None
    found = since(draft.replaces, held=made.held, rules=made.rules, cutoff=made.cutoff)
    if found is None:
        return None
    if found.after != total(Part(row.amount, tuple(row.types), row.reason) for row in made.counted):
        raise ChangedMeanwhileError
    return found.as_json()


def _rows(issued: IssuedReport, made: report.Report) -> list[ReportedPayment]:
    """Return the rows of the report that never change, in the order of its payments. Unsaved."""
    quarters = made.period.quarters()
    numbers: dict[int, int] = {}
    rows = []
    for position, row in enumerate(made.counted, 1):
        if row.payee is not None:
            numbers.setdefault(row.payee, len(numbers) + 1)
        rows.append(
            ReportedPayment(
                report=issued,
                position=position,
                business=numbers[row.payee] if row.payee is not None else None,
                quarter=next(part.starts_on for part in quarters if row.entry.paid_on in part),
                kind=row.entry.kind,
                amount=row.amount,
                currency=row.currency,
                types=row.types,
                level=row.level,
                reason=row.reason or "",
            )
        )
    return rows


def _identify(issued: IssuedReport, rows: list[ReportedPayment], made: report.Report) -> None:
    """Save who was paid in each row, by which payment, and under which certificates it counts."""
    payees = _payees(issued, rows, made)
    versions = _versions(issued)
    for batch in batched(zip(rows, made.counted, strict=True), BATCH):
        ReportedDetails.objects.bulk_create(
            ReportedDetails(
                payment=row,
                payee=payees.get(entry.payee) if entry.payee is not None else None,
                number=entry.entry.number,
                version=versions[entry.entry.number],
                paid_on=entry.entry.paid_on,
                refers_to=entry.entry.refers_to,
                certificates=list(_certificates(entry)),
            )
            for row, entry in batch
        )


def _payees(issued: IssuedReport, rows: list[ReportedPayment], made: report.Report) -> dict[int, ReportedPayee]:
    """Save the businesses of the report, by their key.

    Their records are those that it counted with. Asked again, those that an owner hid meanwhile would be missing, and
    without them the business would be named for good.
    """
    pairs = zip(rows, made.counted, strict=True)
    numbers = {entry.payee: row.business for row, entry in pairs if entry.payee is not None}
    names = dict(Profile.objects.filter(pk__in=numbers).values_list("pk", "name"))
    payees = {
        profile: ReportedPayee(
            report=issued,
            business=business,
            profile_id=profile,
            name=names[profile],
            records=sorted({holding.named.record for holding in made.held.get(profile, ())}),
        )
        for profile, business in numbers.items()
        if profile in names
    }
    ReportedPayee.objects.bulk_create(payees.values(), batch_size=BATCH)
    return payees


def _versions(issued: IssuedReport) -> dict[str, int]:
    known = Payment.objects.filter(client=issued.client_id, paid_on__range=issued.period).known_before(issued.cutoff)
    return dict(known.values_list("external_id", "version"))


def _certificates(row: CountedEntry) -> Iterator[dict[str, Any]]:
    """Yield the certificates under which a payment counts, as JSON."""
    for holding in row.held:
        named = holding.named
        yield {
            "type": holding.type,
            "certificate": named.certificate,
            "body": named.body,
            "number": named.number,
            "legal_business_name": named.legal_business_name,
            "starts_on": holding.starts_on.isoformat(),
            "ends_on": holding.ends_on.isoformat() if holding.ends_on else "",
            "level": holding.step_on(row.judged_on),
        }


def certified(profile: Profile) -> QuerySet[ReportedPayee]:
    """Return where issued reports say something about certifications of `profile`."""
    return ReportedPayee.objects.filter(profile=profile).exclude(records=[])


def forget(profile: Profile) -> None:
    """Take `profile` out of every issued report that says anything about its certifications. The amounts stay.

    A business of which a report knew no certification stays named: leaving it out would tell that there was one.
    """
    payees = certified(profile)
    reports = list(payees.values_list("report", flat=True))
    payees.delete()
    transaction.on_commit(partial(keeping.drop, reports))
