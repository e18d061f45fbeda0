"""What an owner entered, line by line, to check before it is saved."""

from typing import NamedTuple

from certifications.entry.forms import DatesForm
from certifications.entry.questions import SharingForm
from certifications.models import Certification
from common.days import day


class Line(NamedTuple):
    """A line of the summary. `step` and `part`: the screen that changes it, and where on it the field is."""

    term: str
    value: str
    step: str = ""
    part: str = ""
    is_name: bool = True
    is_over: bool = False


def summary(record: Certification, form: DatesForm) -> list[Line]:
    """Return the lines of `record`, as `form` would save it."""
    key = form.prefix or ""
    details = f"details-{key}"
    is_open = record.certificate.names_body
    lines = [Line("Certificate", record.label, details if is_open else f"certificate-{key}")]
    if is_open:
        lines[0] = lines[0]._replace(part=form["other_name"].id_for_label)
        lines.append(Line("Issued by", record.body_name, details, form["other_body"].id_for_label))
    else:
        lines.append(Line("Issued by", record.certificate.body.full_name))
    lines += [
        Line("Legal business name", record.legal_business_name, details, form["legal_business_name"].id_for_label),
        Line("Certificate number", record.number, details, form["number"].id_for_label),
    ]
    issued_on = day(record.issued_on) or "Not given"
    lines.append(Line("Issue date", issued_on, details, form["issued_on"].id_for_label, is_name=False))
    ends = form["expires_on"].id_for_label
    if record.expires_on is None:
        lines.append(Line("Expiration date", "Doesn't expire", details, ends, is_name=False))
    else:
        said = f"{'Expired ' if record.has_ended else ''}{day(record.expires_on)}"
        lines.append(Line("Expiration date", said, details, ends, is_name=False, is_over=record.has_ended))
    return lines


def sharing_summary(form: SharingForm) -> list[Line]:
    """Return the lines of what was chosen about who can see the new certifications."""
    lines = [Line("Visible to", form.audience_words, "audience", is_name=False)]
    for purpose in form.optional_purposes:
        answer = "Yes" if purpose in form.purposes else "No"
        lines.append(Line(purpose.label, answer, "audience", form[purpose].id_for_label, is_name=False))
    return lines
