from verification.models.case import AGAINST, OUTCOMES, Case
from verification.models.document import Document
from verification.models.match import RegisterEnding, RegisterMatch
from verification.models.register import CommonWord, Register, RegisterEntry, RegisterFile, RegisterNews

__all__ = [
    "AGAINST",
    "OUTCOMES",
    "Case",
    "CommonWord",
    "Document",
    "Register",
    "RegisterEnding",
    "RegisterEntry",
    "RegisterFile",
    "RegisterMatch",
    "RegisterNews",
]
