"""Registers what integrations adds to the apps below it. Django imports this file when it starts."""

from integrations.models import EventType
from integrations.webhooks.emitting import emit
from spend import issuing
from spend.models import IssuedReport


@issuing.report_issued.register
def report_ready(report: IssuedReport) -> None:
    """Tell the client's webhooks that a report was issued, and of the one that it replaces."""
    emit(EventType.REPORT_READY, {"report": report.number}, client_pk=report.client_id)
    if report.replaces:
        data = {"report": report.replaces.number, "superseded_by": report.number}
        emit(EventType.REPORT_SUPERSEDED, data, client_pk=report.client_id)
