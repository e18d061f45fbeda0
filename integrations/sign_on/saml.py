"""What a SAML provider says of itself and of a person. python3-saml reads it, and what it lets pass is checked here."""

from base64 import b64decode
from binascii import Error as NotBase64
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cryptography import x509
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from lxml import etree
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.constants import OneLogin_Saml2_Constants
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from integrations.models import IdentityProvider
from integrations.sign_on.claims import BadProvider, Claims

PERSISTENT = OneLogin_Saml2_Constants.NAMEID_PERSISTENT
# Attributes by the names that common providers give them.
SUBJECT = (
    "urn:oasis:names:tc:SAML:attribute:subject-id",
    "urn:oasis:names:tc:SAML:attribute:pairwise-id",
    "http://schemas.microsoft.com/identity/claims/objectidentifier",
)
EMAIL = (
    "urn:oid:0.9.2342.19200300.100.1.3",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "email",
    "mail",
)
NAME = (
    "urn:oid:2.16.840.1.113730.3.1.241",
    "http://schemas.microsoft.com/identity/claims/displayname",
    "displayName",
    "name",
)
MOST_LETTERS = 200_000  # of metadata, and of an answer


class Metadata(NamedTuple):
    """What a provider's metadata says."""

    issuer: str
    sign_in_url: str
    certificates: list[str]  # in base64


class Answer(NamedTuple):
    """Who signed in, and the request of ours that the provider answers."""

    claims: Claims
    request_id: str


def read(metadata: str) -> Metadata:
    """Return what the metadata of a provider says. Raises BadProvider."""
    try:
        found = OneLogin_Saml2_IdPMetadataParser.parse(metadata[:MOST_LETTERS].encode()).get("idp", {})
    except (OneLogin_Saml2_Error, etree.LxmlError, ValueError) as error:
        raise BadProvider("This isn't XML. Paste the whole metadata file.") from error
    certificates = found.get("x509certMulti", {}).get("signing") or [
        found[name] for name in ("x509cert",) if name in found
    ]
    address = found.get("singleSignOnService", {}).get("url", "")
    if not found.get("entityId") or not certificates:
        raise BadProvider("This isn't the metadata of an identity provider: it lacks its name or its certificate.")
    if urlsplit(address).scheme != "https":
        raise BadProvider("The metadata has no https:// address to sign in at by a redirect.")
    for certificate in certificates:
        try:
            x509.load_der_x509_certificate(b64decode(certificate, validate=True))
        except (NotBase64, ValueError) as error:
            raise BadProvider("The metadata has a certificate that can't be read.") from error
    return Metadata(found["entityId"], address, certificates)


class Ours(NamedTuple):
    """The addresses by which a client's provider knows this site."""

    acs: str
    entity: str

    @classmethod
    def of(cls, request: HttpRequest, slug: str) -> "Ours":
        acs, entity = (request.build_absolute_uri(reverse(name, args=[slug])) for name in ("saml_acs", "saml_metadata"))
        return cls(acs, entity)


def our_metadata(request: HttpRequest, slug: str) -> bytes:
    """Return what a client enters at its provider."""
    settings = OneLogin_Saml2_Settings(_settings(Ours.of(request, slug)), sp_validation_only=True)
    return settings.get_sp_metadata()


def ask(request: HttpRequest, found: IdentityProvider, *, again: bool) -> tuple[str, str]:
    """Return the address that asks the provider to sign someone in, and the key of that request."""
    ours = Ours.of(request, found.client.slug)
    auth = OneLogin_Saml2_Auth(_request(ours), _settings(ours, found))
    address = auth.login(return_to="", force_authn=again)
    return address, auth.get_last_request_id()


def answer(request: HttpRequest, found: IdentityProvider, sent: str) -> Answer:
    """Return what the provider answered in a form field. Raises BadProvider unless it signed that for us and now."""
    ours = Ours.of(request, found.client.slug)
    try:
        response = OneLogin_Saml2_Response(OneLogin_Saml2_Settings(_settings(ours, found)), sent)
        response.is_valid(_request(ours), raise_exceptions=True)
        return _checked(found, ours, response)
    except (
        OneLogin_Saml2_Error,
        OneLogin_Saml2_ValidationError,
        etree.LxmlError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        raise BadProvider(f"The provider's answer can't be trusted: {error}") from error


def _checked(found: IdentityProvider, ours: Ours, response: OneLogin_Saml2_Response) -> Answer:
    """Return what a valid response says. What the library takes if it is missing has to be there."""
    if ours.entity not in response.get_audiences():
        raise BadProvider("The provider's answer isn't meant for this site.")
    # Read from the signed assertion: the response around it may be anyone's.
    confirmations = response._query_assertion("/saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData")
    if len(confirmations) != 1:
        raise BadProvider("The provider's answer has to confirm its subject once.")
    [confirmed] = confirmations
    request_id = confirmed.get("InResponseTo")
    if not request_id or request_id != response.get_in_response_to():
        raise BadProvider("The provider's answer isn't to a request from here.")
    if confirmed.get("Recipient") != ours.acs:
        raise BadProvider("The provider's answer was sent to another address.")
    if not confirmed.get("NotOnOrAfter"):
        raise BadProvider("The provider's answer doesn't say until when it is valid.")
    _take_once(found, response)
    [statement] = response._query_assertion("/saml:AuthnStatement")
    return Answer(_claims(response, statement.get("AuthnInstant", "")), request_id)


def _take_once(found: IdentityProvider, response: OneLogin_Saml2_Response) -> None:
    """Remember an assertion for as long as it could be taken again."""
    seconds = OneLogin_Saml2_Constants.ALLOWED_CLOCK_DRIFT
    if until := response.get_assertion_not_on_or_after():
        seconds += max(0, int(until - datetime.now(UTC).timestamp()))
    key = sha256(f"{found.key} {response.get_assertion_id()}".encode()).hexdigest()
    if not cache.add(f"saml:{key}", value=True, timeout=seconds):
        raise BadProvider("The provider's answer was used before.")


def _claims(response: OneLogin_Saml2_Response, signed_in_at: str) -> Claims:
    attributes = response.get_attributes()
    named = response.get_nameid_data()
    format_of_name = named.get("Format", "")
    email = _first(attributes, EMAIL)
    if not email and format_of_name == OneLogin_Saml2_Constants.NAMEID_EMAIL_ADDRESS:
        email = named["Value"]
    subject = _first(attributes, SUBJECT)
    if not subject and format_of_name != OneLogin_Saml2_Constants.NAMEID_TRANSIENT:
        subject = named["Value"]
    if not subject or subject.lower() == email.lower():
        raise BadProvider(
            "The provider has to name people by something that never passes to someone else, and not by their email "
            "address. Let it send a persistent NameID, or the attribute subject-id."
        )
    try:
        moment = datetime.fromisoformat(signed_in_at)
    except ValueError:
        moment = None
    if moment and moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)  # in which SAML has all times
    return Claims(subject, email, None, _first(attributes, NAME), moment)


def _first(attributes: dict[str, list[str | None]], names: tuple[str, ...]) -> str:
    """Return the value of the first of these attributes that there is."""
    return next((str(attributes[name][0]) for name in names if attributes.get(name) and attributes[name][0]), "")


def _request(ours: Ours) -> dict[str, Any]:
    """Return the request as the library takes it: at the one address where the provider's answers arrive."""
    parts = urlsplit(ours.acs)
    return {
        "https": "on" if parts.scheme == "https" else "off",
        "http_host": parts.netloc,
        "script_name": parts.path,
        "get_data": {},
        "post_data": {},
    }


def _settings(ours: Ours, found: IdentityProvider | None = None) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "strict": True,
        "sp": {
            "entityId": ours.entity,
            "assertionConsumerService": {"url": ours.acs, "binding": OneLogin_Saml2_Constants.BINDING_HTTP_POST},
            "NameIDFormat": PERSISTENT,
        },
        "security": {
            "wantAssertionsSigned": True,
            "rejectDeprecatedAlgorithm": True,
            "requestedAuthnContext": False,
            "wantAttributeStatement": False,
            "allowRepeatAttributeName": True,
            "allowSingleLabelDomains": True,  # the site's own host, which ALLOWED_HOSTS decides
        },
    }
    if found:
        settings["idp"] = {
            "entityId": found.issuer,
            "singleSignOnService": {"url": found.sign_in_url},
            "x509certMulti": {"signing": found.certificates},
        }
    return settings
