from certifications.models.catalogue import Certificate, CertificationType, CertifyingBody, Fact
from certifications.models.concern import Concern
from certifications.models.disclosure import CountryInterest, Disclosure, UsBusiness
from certifications.models.document import Document
from certifications.models.evidence import Evidence, Step
from certifications.models.record import Certification, StaffRead
from certifications.models.register import CommonWord, Register, RegisterEntry, RegisterFile, RegisterNews
from certifications.models.review import Case
from certifications.models.rollout import RolloutPolicy
from certifications.models.sharing import (
    Block,
    ClientView,
    Consent,
    DigestSubscription,
    ErasureCount,
    NamedClient,
    Pause,
    PublicNumbers,
    ReminderStop,
    SentMail,
    UnusedType,
)

__all__ = [
    "Block",
    "Case",
    "Certificate",
    "Certification",
    "CertificationType",
    "CertifyingBody",
    "ClientView",
    "CommonWord",
    "Concern",
    "Consent",
    "CountryInterest",
    "DigestSubscription",
    "Disclosure",
    "Document",
    "ErasureCount",
    "Evidence",
    "Fact",
    "NamedClient",
    "Pause",
    "PublicNumbers",
    "Register",
    "RegisterEntry",
    "RegisterFile",
    "RegisterNews",
    "ReminderStop",
    "RolloutPolicy",
    "SentMail",
    "StaffRead",
    "Step",
    "UnusedType",
    "UsBusiness",
]
