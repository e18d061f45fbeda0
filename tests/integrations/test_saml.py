"""Sign-in through a SAML provider of another make."""

import re
import subprocess
import sys
from base64 import b64encode
from copy import deepcopy
from datetime import timedelta

import pytest
import saml2.assertion
import xmlsec
from django.contrib.sessions.models import Session
from django.test import Client as Browser
from django.utils import timezone
from lxml import etree

from integrations.models import IdentityProvider
from integrations.sign_on import saml
from integrations.sign_on.admitting import Refusal
from integrations.sign_on.claims import BadProvider
from tests.integrations.people import member, signed_in
from tests.integrations.saml_provider import SamlProvider
from tests.integrations.test_oidc import refusal
from tests.site import sign_in, staff

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

LOGIN = "/accounts/saml/bright/login/"
ACS = "/accounts/saml/bright/acs/"
MIA = {"mail": "mia@bright.example", "displayName": "Mia"}
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"


@pytest.fixture
def idp(client, cleo, bright, tmp_path):
    """The provider, set up by an admin: each side reads the other's metadata."""
    admin = Browser()
    sign_in(admin, cleo, again=True)
    ours = admin.get("/accounts/saml/bright/metadata/").text
    provider = SamlProvider(tmp_path, ours)
    admin.post("/integrations/sign-on/provider/saml/", {"metadata": provider.metadata})
    IdentityProvider.objects.update(is_on=True)
    return provider


def leave(browser, login=LOGIN):
    return browser.get(login)["Location"]


def come_back(browser, xml):
    """Send what the provider answered, as its page lets the browser do."""
    there = browser.post(ACS, {"SAMLResponse": b64encode(xml.encode()).decode()})
    assert there.status_code == 302
    assert all(cookie["httponly"] for cookie in there.cookies.values())
    return browser.get(there["Location"])


def test_member_signs_in_and_is_known_by_the_subject_from_then_on(client, idp, bright):
    mia = member(bright, "mia@bright.example")

    response = come_back(client, idp.answer(leave(client, f"{LOGIN}?next=/talent/"), "m-1", attributes=MIA))

    assert (response["Location"], signed_in(client)) == ("/talent/", mia.pk)
    other = Browser()
    come_back(other, idp.answer(leave(other), "m-1", attributes={"mail": "married@bright.example"}))
    assert signed_in(other) == mia.pk


@pytest.mark.parametrize(
    ("attributes", "why"),
    [
        ({}, Refusal.NO_EMAIL),
        ({"mail": "mia@other.example"}, Refusal.OTHER_DOMAIN),
        ({"mail": "root@bright.example"}, Refusal.STAFF),
        ({"mail": "new@bright.example"}, Refusal.NOT_A_MEMBER),
    ],
)
def test_who_is_no_member_with_an_address_in_the_domains_is_refused(client, idp, attributes, why):
    staff(email="root@bright.example")

    assert refusal(come_back(client, idp.answer(leave(client), "x", attributes=attributes))) == why
    assert signed_in(client) is None


@pytest.mark.parametrize("format_of_name", ["emailAddress", "transient"])
def test_person_who_is_named_by_an_address_or_anew_each_time_is_refused(client, idp, bright, format_of_name):
    member(bright, "mia@bright.example")
    kind = {
        "emailAddress": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
        "transient": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
    }[format_of_name]
    subject = "mia@bright.example" if format_of_name == "emailAddress" else "_once"

    xml = idp.answer(leave(client), subject, attributes=MIA, name_format=kind)

    assert refusal(come_back(client, xml)) == Refusal.FAILED


def test_answer_is_taken_once_from_the_browser_that_asked(client, idp, bright):
    member(bright, "mia@bright.example")
    xml = idp.answer(leave(client), "m-1", attributes=MIA)

    stolen = come_back(Browser(), xml)
    later = come_back(client, xml)  # what was shown elsewhere before is taken nowhere
    fresh = idp.answer(leave(client), "m-1", attributes=MIA)
    come_back(client, fresh)
    client.logout()
    again = come_back(client, fresh)

    assert [refusal(response) for response in (stolen, later, again)] == [Refusal.FAILED] * 3


def changed(xml, change):
    root = etree.fromstring(xml.encode())
    change(root)
    return etree.tostring(root).decode()


def without_response_to(root):
    del root.attrib["InResponseTo"]


def xsw_in_extensions(root):
    """The signed assertion stands aside, and an unsigned one about someone else in its place."""
    signed = root.find(f"{SAML}Assertion")
    forged = deepcopy(signed)
    forged.remove(forged.find("{http://www.w3.org/2000/09/xmldsig#}Signature"))
    forged.set("ID", "_forged")
    forged.find(f".//{SAML}NameID").text = "forged"
    aside = etree.Element(f"{SAMLP}Extensions")
    root.replace(signed, forged)
    aside.append(signed)
    root.insert(1, aside)


def xsw_same_id(root):
    """A second assertion has the ID of the signed one."""
    signed = root.find(f"{SAML}Assertion")
    forged = deepcopy(signed)
    forged.find(f".//{SAML}NameID").text = "forged"
    root.insert(root.index(signed), forged)


def xsw_inside(root):
    """The signed assertion stands inside the forged one, below its signature."""
    signed = root.find(f"{SAML}Assertion")
    forged = deepcopy(signed)
    signature = forged.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
    forged.set("ID", "_forged")
    forged.find(f".//{SAML}NameID").text = "forged"
    root.replace(signed, forged)
    holder = etree.SubElement(signature, "{http://www.w3.org/2000/09/xmldsig#}Object")
    holder.append(signed)


def another_subject(root):
    root.find(f".//{SAML}NameID").text = "forged"


def comment_in_subject(root):
    """A comment in an address, after which some parsers read no further."""
    name = root.find(f".//{SAML}AttributeValue")
    name.text = "root@bright.example"
    name.append(etree.Comment("x"))


def without_status_code(root):
    root.find(f".//{SAMLP}StatusCode").attrib.clear()


FORGED = {
    without_status_code: "can't be trusted",
    without_response_to: "isn't to a request from here",
    xsw_in_extensions: "must contain 1 assertion",
    xsw_same_id: "must contain 1 assertion",
    xsw_inside: "must contain 1 assertion",
    another_subject: "Signature validation failed",
    comment_in_subject: "Signature validation failed",
}


def told(response):
    """Why an answer is not trusted, as an admin of the client reads it."""
    assert refusal(response) == Refusal.FAILED
    return response.context["details"]


@pytest.mark.parametrize("forge", FORGED, ids=lambda forge: forge.__name__)
def test_forged_answer_is_refused(client, idp, cleo, forge):
    sign_in(client, cleo)
    xml = idp.answer(leave(client), "m-1", attributes=MIA)

    assert FORGED[forge] in told(come_back(client, changed(xml, forge)))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"is_signed": False}, "is not signed"),
        ({"is_signed": False, "sign_response": True}, "is not signed"),
        ({"sp_entity_id": "https://other.example/metadata"}, "is not a valid audience"),
        ({"destination": "https://other.example/acs"}, "instead of https://other.example/acs"),
        ({"in_response_to": "_other"}, "isn't to a request from this browser"),
        ({"sign_alg": "http://www.w3.org/2000/09/xmldsig#rsa-sha1"}, "Deprecated signature algorithm"),
        ({"digest_alg": "http://www.w3.org/2000/09/xmldsig#sha1"}, "Deprecated digest algorithm"),
        ({"issuer": "https://other.example"}, "Invalid issuer"),
    ],
)
def test_answer_that_is_not_signed_for_this_site_and_this_request_is_refused(client, idp, cleo, said, why):
    sign_in(client, cleo)
    xml = idp.answer(leave(client), "m-1", attributes=MIA, **said)

    assert why in told(come_back(client, xml))


def test_answer_that_is_over_or_signed_by_another_is_refused(client, idp, cleo, tmp_path, monkeypatch):
    sign_in(client, cleo)
    ours = client.get("/accounts/saml/bright/metadata/").text
    impostor_folder = tmp_path / "impostor"
    impostor_folder.mkdir()
    forged = SamlProvider(impostor_folder, ours).answer(leave(client), "m-1", attributes=MIA)
    monkeypatch.setattr(
        "saml2.assertion.not_on_or_after", lambda *args, **kwargs: "2020-01-01T00:00:00Z", raising=False
    )
    monkeypatch.setattr("saml2.assertion.instant", lambda *args, **kwargs: "2020-01-01T00:00:00Z", raising=False)
    monkeypatch.setattr("saml2.assertion.in_a_while", lambda *args, **kwargs: "2020-01-01T00:00:00Z", raising=False)
    over = idp.answer(leave(client), "m-1", attributes=MIA)

    assert "Signature validation failed" in told(come_back(client, forged))
    assert "expired" in told(come_back(client, over))


@pytest.mark.parametrize("sent", ["", "%%%", b64encode(b"<a/>").decode(), b64encode(b"not XML").decode(), "é"])
def test_nonsense_is_refused(client, idp, sent):
    leave(client)
    there = client.post(ACS, {"SAMLResponse": sent})
    assert refusal(client.get(there["Location"])) == Refusal.FAILED


def test_answer_that_is_too_large_is_not_kept(client, idp):
    before = Session.objects.count()
    assert client.post(ACS, {"SAMLResponse": "a" * 200_001}).status_code == 400
    assert client.post(ACS, {"SAMLResponse": "a", "RelayState": "a" * 200_001}).status_code == 400
    assert Session.objects.count() == before


def test_nothing_but_the_answer_is_kept_and_only_for_a_minute(client, idp):
    client.post(f"{ACS}?x=1", {"SAMLResponse": "PGEvPg==", "RelayState": "more"})
    kept = Session.objects.get(pk=client.cookies["saml-acs-session"].value)

    assert kept.get_decoded() == {"answer": "PGEvPg==", "_session_expiry": 60}
    assert kept.expire_date < timezone.now() + timedelta(minutes=2)


def test_entities_are_not_expanded(client, idp, cleo):
    sign_in(client, cleo)
    xml = idp.answer(leave(client), "m-1", attributes=MIA)
    bomb = '<!DOCTYPE r [<!ENTITY a "m-1">]>' + re.sub(r">m-1<", ">&a;<", re.sub(r"^<\?xml[^>]*\?>", "", xml).strip())

    assert "DTDForbidden" in told(come_back(client, bomb))


def test_signing_in_there_again_asks_for_it_and_has_to_be_fresh(client, idp, bright):
    mia = member(bright, "mia@bright.example")
    come_back(client, idp.answer(leave(client), "m-1", attributes=MIA))

    asked = leave(client, f"{LOGIN}?process=again&next=/talent/")
    fresh = come_back(client, idp.answer(asked, "m-1", attributes=MIA))
    others = [
        come_back(client, idp.answer(leave(client, f"{LOGIN}?process=again"), "m-1", attributes=MIA, ago=seconds))
        for seconds in (3600, -3600)
    ]

    assert idp.request(asked).force_authn == "true"
    assert fresh["Location"] == "/talent/"
    assert [refusal(other) for other in others] == [Refusal.NOT_AGAIN] * 2
    assert signed_in(client) == mia.pk
    assert "You're still signed in" in others[0].text
    assert "You aren't signed in" not in others[0].text


def test_moment_of_the_sign_in_there_without_a_time_zone_is_in_utc(client, idp, bright, monkeypatch):
    member(bright, "mia@bright.example")
    come_back(client, idp.answer(leave(client), "m-1", attributes=MIA))
    instant = saml2.assertion.instant
    monkeypatch.setattr(
        "saml2.assertion.instant",
        lambda time_stamp=None: instant(time_stamp=time_stamp).removesuffix("Z") if time_stamp else instant(),
    )
    again = f"{LOGIN}?process=again&next=/talent/"

    fresh = come_back(client, idp.answer(leave(client, again), "m-1", attributes=MIA))
    stale = come_back(client, idp.answer(leave(client, again), "m-1", attributes=MIA, ago=3600))

    assert fresh["Location"] == "/talent/"
    assert refusal(stale) == Refusal.NOT_AGAIN


def test_provider_that_is_off_and_a_client_without_saml_are_not_there(client, idp, bright):
    IdentityProvider.objects.update(is_on=False)
    assert client.get(LOGIN).status_code == 404
    assert come_back(client, "<a/>").status_code == 404
    IdentityProvider.objects.all().delete()
    assert {client.get(address).status_code for address in (LOGIN, ACS, "/accounts/saml/bright/metadata/")} == {404}
    assert client.post(ACS, {"SAMLResponse": "x"}).status_code == 404


def test_lxml_and_xmlsec_carry_the_same_libxml2():
    """Otherwise neither loads beside the other in a fresh process, and no one signs in through SAML."""
    versions = xmlsec.get_libxml_version(), xmlsec.get_libxml_compiled_version()
    assert {etree.LIBXML_VERSION, etree.LIBXML_COMPILED_VERSION} == set(versions)
    for first, second in (("lxml.etree", "xmlsec"), ("xmlsec", "lxml.etree")):
        subprocess.run([sys.executable, "-c", f"import {first}, {second}"], check=True)


METADATA = """<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity}">
<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
{certificate}<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{address}"/>
</md:IDPSSODescriptor></md:EntityDescriptor>"""
UNREADABLE = """<md:KeyDescriptor><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>
AAAA</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"""


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ("not XML", "isn't XML"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "isn't XML"),
        ("<a/>", "isn't the metadata"),
        (METADATA.format(entity="e", address="https://idp.example", certificate=""), "isn't the metadata"),
        (
            METADATA.format(entity="e", address="javascript:alert(1)", certificate=UNREADABLE),
            "no https:// address",
        ),
        (
            METADATA.format(entity="e", address="https://idp.example", certificate=UNREADABLE),
            "can't be read",
        ),
    ],
)
def test_metadata_that_can_not_be_used_is_explained(metadata, error):
    with pytest.raises(BadProvider, match=error):
        saml.read(metadata)
