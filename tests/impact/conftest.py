import pytest

from tests.factories import CertificateFactory, CertificationFactory, CertificationTypeFactory


@pytest.fixture
def types():
    return [CertificationTypeFactory(name=f"Type {name}", position=n) for n, name in enumerate("AB")]


@pytest.fixture
def businesses(types):
    """Twelve certified businesses of each of two types."""
    certificates = [CertificateFactory(type=type) for type in types]
    return [CertificationFactory(certificate=certificate).profile for certificate in certificates for _ in range(12)]
