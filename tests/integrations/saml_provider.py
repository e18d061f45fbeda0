"""A SAML identity provider of another make (pysaml2)."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree
from saml2 import BINDING_HTTP_REDIRECT
from saml2.authn_context import PASSWORDPROTECTEDTRANSPORT
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server
from saml2.sigver import CryptoBackend

ENTITY = "https://idp.example/metadata"


class Signer(CryptoBackend):
    """Signs what pysaml2 prepared through the Python module, so that no program has to be installed."""

    def sign_statement(self, statement, node_name, key_file, node_id):
        root = etree.fromstring(statement if isinstance(statement, bytes) else str(statement).encode())
        xmlsec.tree.add_ids(root, ["ID"])
        [signed] = [element for element in root.iter() if element.get("ID") == node_id]
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_file(key_file, xmlsec.constants.KeyDataFormatPem)
        context.sign(signed.find("{http://www.w3.org/2000/09/xmldsig#}Signature"))
        return etree.tostring(root).decode()


class SamlProvider:
    """Answers requests of the site, as it should or not."""

    def __init__(self, folder, sp_metadata, address="https://idp.example/sso"):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp.example")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .sign(key, hashes.SHA256())
        )
        key_file, certificate_file = folder / "key.pem", folder / "certificate.pem"
        key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
        certificate_file.write_bytes(certificate.public_bytes(Encoding.PEM))
        self.certificate = b64encode(certificate.public_bytes(Encoding.DER)).decode()
        config = IdPConfig().load(
            {
                "entityid": ENTITY,
                "crypto_backend": "XMLSecurity",
                "key_file": str(key_file),
                "cert_file": str(certificate_file),
                "service": {
                    "idp": {
                        "endpoints": {"single_sign_on_service": [(address, BINDING_HTTP_REDIRECT)]},
                        "name_id_format": [NAMEID_FORMAT_PERSISTENT],
                        "policy": {"default": {"lifetime": {"minutes": 5}, "attribute_restrictions": None}},
                    }
                },
                "metadata": {"inline": [sp_metadata]},
            }
        )
        self.server = Server(config=config)
        self.server.sec.crypto = Signer()
        self.metadata = str(entity_descriptor(config))

    def request(self, address):
        """The request in an address to which the site leads."""
        [sent] = parse_qs(urlsplit(address).query)["SAMLRequest"]
        return self.server.parse_authn_request(sent, BINDING_HTTP_REDIRECT).message

    def answer(self, address, subject, *, name_format=NAMEID_FORMAT_PERSISTENT, is_signed=True, ago=0, **said):
        """What it answers to a request, in XML, after signing in a person `ago` seconds before."""
        asked = self.request(address)
        attributes = {name: [value] for name, value in said.pop("attributes", {}).items()}
        signed_in_at = int(datetime.now(UTC).timestamp()) - ago
        args = {
            "identity": attributes,
            "in_response_to": asked.id,
            "destination": asked.assertion_consumer_service_url,
            "sp_entity_id": asked.issuer.text,
            "name_id": NameID(format=name_format, text=subject),
            "authn": {
                "class_ref": PASSWORDPROTECTEDTRANSPORT,
                "authn_instant": signed_in_at,
            },
            "sign_assertion": is_signed,
            "sign_response": False,
            "sign_alg": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "digest_alg": "http://www.w3.org/2001/04/xmlenc#sha256",
        }
        return str(self.server.create_authn_response(**args | said))
