"""The administration of records, cases and public registers."""

from verification.admin import records, registers, review

__all__ = ["records", "registers", "review"]
