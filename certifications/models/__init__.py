from certifications.models.catalogue import Certificate, CertificationType, CertifyingBody, Fact
from certifications.models.concern import Concern
from certifications.models.disclosure import CountryInterest, Disclosure, UsBusiness
from certifications.models.evidence import Evidence, Step
from certifications.models.record import Certification
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
from certifications.models.staff_read import StaffRead

__all__ = [
    "Block",
    "Certificate",
    "Certification",
    "CertificationType",
    "CertifyingBody",
    "ClientView",
    "Concern",
    "Consent",
    "CountryInterest",
    "DigestSubscription",
    "Disclosure",
    "ErasureCount",
    "Evidence",
    "Fact",
    "NamedClient",
    "Pause",
    "PublicNumbers",
    "ReminderStop",
    "SentMail",
    "StaffRead",
    "Step",
    "UnusedType",
    "UsBusiness",
]
