from certifications.models.catalogue import Certificate, CertificationType, CertifyingBody, Fact
from certifications.models.concern import Concern
from certifications.models.disclosure import CountryInterest, Disclosure
from certifications.models.record import Certification, StaffRead
from certifications.models.sharing import (
    Block,
    ClientView,
    Consent,
    DigestSubscription,
    ErasureCount,
    NamedClient,
    Pause,
    SentMail,
)

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
    "Fact",
    "NamedClient",
    "Pause",
    "SentMail",
    "StaffRead",
]
