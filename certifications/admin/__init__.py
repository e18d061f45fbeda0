"""What staff look after: the catalogue, records and reports about them, the review of evidence, and registers."""

from certifications.admin import catalogue, concerns, records, registers, review

__all__ = ["catalogue", "concerns", "records", "registers", "review"]
