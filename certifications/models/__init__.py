from certifications.models.catalogue import Certificate, CertificationType, CertifyingBody, Fact
from certifications.models.disclosure import CountryInterest, Disclosure
from certifications.models.record import Certification, StaffRead

__all__ = [
    "Certificate",
    "Certification",
    "CertificationType",
    "CertifyingBody",
    "CountryInterest",
    "Disclosure",
    "Fact",
    "StaffRead",
]
