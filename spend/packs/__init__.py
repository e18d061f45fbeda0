"""Audit packs: everything about one issued report in a ZIP that anyone can check."""

from spend.packs.keeping import remove_old
from spend.packs.making import restart_stopped

__all__ = ["remove_old", "restart_stopped"]
