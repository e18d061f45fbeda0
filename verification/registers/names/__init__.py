"""Whether two names are of the same business, as it may be written in two directories, and what to look one up by."""

from verification.registers.names.differences import differing
from verification.registers.names.keys import words
from verification.registers.names.scoring import AGREES, AGREES_BY_NUMBER, DIFFERS, score
from verification.registers.names.sides import Name

__all__ = ["AGREES", "AGREES_BY_NUMBER", "DIFFERS", "Name", "differing", "score", "words"]
