"""What staff look after: the catalogue, reports about records and the roll-out, and logs that they read."""

from certifications.admin import catalogue, concerns, logs, rollout

__all__ = ["catalogue", "concerns", "logs", "rollout"]
