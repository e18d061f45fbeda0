import socket
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from threading import Event, Thread
from time import sleep

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from integrations.outward import NoAnswer, Reason, fetch, is_allowed, is_public
from tests.integrations.loopback import serving


def reason_for(url, **limits):
    with pytest.raises(NoAnswer) as refused:
        fetch(url, **limits)
    return refused.value.reason


def say(status=200, body=b"", **headers):
    def answer(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def resolve(monkeypatch, *addresses):
    """Let every name resolve to these, one set a look-up, the last for good. Literal addresses stay what they are."""
    ask, waiting = socket.getaddrinfo, list(addresses)

    def getaddrinfo(host, port, *args, **kwargs):
        try:
            ip_address(host)
        except ValueError:
            host = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return ask(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.0.2.1", "192.168.1.1",  # noqa: S104
        "198.18.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::10.0.0.1",
        "64:ff9b::10.0.0.1", "64:ff9b:1::1", "2002:7f00:1::", "2001:db8::1", "fc00::1", "fe80::1", "fec0::1", "ff0e::1",
    ],
)  # fmt: skip
def test_address_that_is_not_a_public_host_is_refused(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::8.8.8.8"])
def test_public_host_is_allowed(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://[::ffff:127.0.0.1]/",
        "https://2130706433/", "https://0x7f.1/", "http://8.8.8.8/", "ftp://8.8.8.8/", "file:///etc/passwd",
        "https://user@8.8.8.8/", "https:///path", "https://8.8.8.8:0/", "https://8.8.8.8:99999/", "https://[8.8/", "",
    ],
)  # fmt: skip
def test_url_that_leads_nowhere_public_is_refused(url):
    assert reason_for(url) == Reason.ADDRESS


def test_host_names_of_other_alphabets_are_asked_as_the_dns_has_them(monkeypatch, own_network):
    resolve(monkeypatch, "127.0.0.1")
    with serving(lambda handler: handler.send_error(404, handler.headers["Host"])) as url:
        answer = fetch(url.replace("127.0.0.1", "Straße.bücher.example"))
    assert b"xn--strae-oqa.xn--bcher-kva.example" in answer.body
    assert not is_allowed("https://a\u200db.example/")


def test_name_with_any_private_address_is_refused(monkeypatch):
    both = [(0, 0, 0, "", ("8.8.8.8", 443)), (0, 0, 0, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: both)
    assert reason_for("https://idp.example/") == Reason.ADDRESS


def test_connection_goes_to_the_address_that_was_checked(monkeypatch, own_network):
    resolve(monkeypatch, "127.0.0.1", "127.0.0.2")
    with serving(say(body=b"checked")) as url:
        answer = fetch(url.replace("127.0.0.1", "rebinding.example"))
    assert answer.body == b"checked"


def test_redirect_is_an_answer_and_is_not_followed(own_network):
    with serving(say(302, Location="http://127.0.0.1:1/")) as url:
        answer = fetch(url)
    assert (answer.status, answer.is_success, answer.headers["Location"]) == (302, False, "http://127.0.0.1:1/")


def test_body_and_headers_are_sent(own_network):
    got = {}

    def answer(handler):
        got["request"] = handler.requestline
        got["headers"] = dict(handler.headers)
        got["body"] = handler.rfile.read(int(handler.headers["Content-Length"]))
        say(204)(handler)

    with serving(answer) as url:
        assert fetch(f"{url}/é?q=1#part", method="POST", body=b"x=1", headers={"X-Test": "yes"}).is_success
    assert (got["request"], got["body"], got["headers"]["X-Test"]) == ("POST /%C3%A9?q=1 HTTP/1.1", b"x=1", "yes")
    assert got["headers"]["Host"] == url.removeprefix("http://")


def test_look_up_that_takes_too_long_is_given_up(monkeypatch):
    is_over = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: is_over.wait(5) and [])
    assert reason_for("https://slow.example/", timeout=0.05) == Reason.TIMEOUT
    is_over.set()


def test_answer_has_a_largest_size(own_network):
    with serving(say(body=b"123456")) as url:
        assert fetch(url, limit=6).body == b"123456"
        assert reason_for(url, limit=5) == Reason.SIZE


@pytest.mark.slow
@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_server_that_sends_a_little_at_a_time_is_given_up(own_network, begin):
    def drip(handler):
        handler.wfile.write(begin)
        while True:
            handler.wfile.write(b"a")
            sleep(0.01)

    with serving(drip) as url:
        assert reason_for(url, timeout=0.2) == Reason.TIMEOUT


def test_silent_server_is_given_up(own_network):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert reason_for(f"http://127.0.0.1:{silent.getsockname()[1]}/", timeout=0.05) == Reason.TIMEOUT


@pytest.mark.slow
def test_time_that_is_over_before_the_connection_is_there_ends_it(own_network, monkeypatch):
    """What ends a request comes while there is nothing to end yet. The server would then go on for good."""
    connect = socket.create_connection

    def slowly(*args):
        wire = connect(*args)
        sleep(0.2)
        return wire

    def drip(handler):
        while True:
            handler.wfile.write(b"a")
            sleep(0.01)

    monkeypatch.setattr(socket, "create_connection", slowly)
    with serving(drip) as url:
        assert reason_for(url, timeout=0.05) == Reason.TIMEOUT


@pytest.mark.slow
def test_handshake_that_takes_too_long_is_given_up(own_network):
    def drip():
        wire, _ = silent.accept()
        with wire, suppress(OSError):
            wire.sendall(b"\x16\x03\x03\x40\x00")  # the beginning of a long record, which comes a byte at a time
            for _ in range(500):
                wire.sendall(b"\x02")
                sleep(0.01)

    with socket.create_server(("127.0.0.1", 0)) as silent:
        Thread(target=drip, daemon=True).start()
        assert reason_for(f"https://127.0.0.1:{silent.getsockname()[1]}/", timeout=0.2) == Reason.TIMEOUT


def test_addresses_that_do_not_answer_share_the_time_and_a_few_are_tried(own_network, monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{number}", 443)) for number in range(1, 9)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)
    tried = []

    def silent(address, timeout):
        tried.append((address[0], timeout))
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", silent)

    assert reason_for("https://many.example/", timeout=2) == Reason.TIMEOUT
    assert [address for address, _ in tried] == ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"]
    assert tried[0][1] <= 0.5


def test_closed_port_and_unknown_name_have_reasons(own_network, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert reason_for(f"http://127.0.0.1:{port}/") == Reason.CONNECTION

    def unknown(*args, **kwargs):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert reason_for("https://unknown.example/") == Reason.NAME


def test_certificate_is_checked_against_the_name(monkeypatch, own_network, tmp_path):
    certificate, tls = certified("idp.example", tmp_path)
    resolve(monkeypatch, "127.0.0.1")
    with serving(say(body=b"over TLS"), tls) as url:
        idp, other = (url.replace("127.0.0.1", name) for name in ("idp.example", "other.example"))
        assert reason_for(idp) == Reason.CERTIFICATE
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert fetch(idp).body == b"over TLS"
        assert reason_for(other) == Reason.CERTIFICATE


def certified(name, folder):
    """Return the file of a certificate for `name`, and what a server needs to use it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate_file, key_file)
    return certificate_file, tls
