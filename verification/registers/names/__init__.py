"""Compares names of businesses as different directories write them, and makes the keys that find them."""

from verification.registers.names.differences import differing
from verification.registers.names.keys import words
from verification.registers.names.scoring import AGREES, AGREES_BY_NUMBER, DIFFERS, score
from verification.registers.names.sides import Name

__all__ = ["AGREES", "AGREES_BY_NUMBER", "DIFFERS", "Name", "differing", "score", "words"]
