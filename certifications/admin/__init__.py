"""What staff look after: the catalogue, reports about records, and logs that they read."""

from certifications.admin import catalogue, concerns, logs

__all__ = ["catalogue", "concerns", "logs"]
