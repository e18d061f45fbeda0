"""What the pages about a record are called."""

from certifications.models import Certification


def title_of(record: Certification) -> str:
    """Return what a page about a record is called, such as "Marisol Vega: WBE (WBENC)"."""
    certificate = record.other_name or record.certificate.acronym or record.certificate.name
    return f"{record.profile}: {certificate} ({record.other_body or record.certificate.body})"
