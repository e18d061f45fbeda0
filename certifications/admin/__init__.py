"""The administration of the catalogue, concerns and logs."""

from certifications.admin import catalogue, concerns, logs

__all__ = ["catalogue", "concerns", "logs"]
