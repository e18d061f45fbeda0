"""What staff look after: the catalogue, records and reports about them, evidence, registers, and the roll-out."""

from certifications.admin import catalogue, concerns, records, registers, review, rollout

__all__ = ["catalogue", "concerns", "records", "registers", "review", "rollout"]
