"""Requests to addresses that clients typed. They go only to public hosts, over TLS, and follow no redirect.

A host name is resolved once, every address of it is checked, and the connection goes to a checked address. So no name
can lead into the operator's own network, not even one that resolves to something else a moment later.
"""

import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from email.message import Message
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from queue import Empty, SimpleQueue
from threading import Event, Thread, Timer
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit, urlunsplit

from django.conf import settings
from django.db import models
from django.utils.encoding import iri_to_uri

from integrations.hosts import in_ascii

TIMEOUT_SECONDS = 10
LIMIT_BYTES = 512 * 1024
MOST_ADDRESSES = 4  # of a host, that are tried
# An IPv6 address in it stands for an IPv4 address, to which a gateway of the network may lead.
NAT64 = ip_network("64:ff9b::/96")

type IPAddress = IPv4Address | IPv6Address


class Reason(models.TextChoices):
    """Why an address gave no answer, in words that end a sentence."""

    ADDRESS = "address", "the address isn't a public https:// address"
    NAME = "name", "the host name can't be found"
    CERTIFICATE = "certificate", "its TLS certificate isn't valid"
    CONNECTION = "connection", "the connection failed"
    TIMEOUT = "timeout", "it took too long to answer"
    SIZE = "size", "its answer is too large"


class NoAnswer(Exception):
    """There is no complete answer, for `reason`."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.label)
        self.reason = reason


class Answer(NamedTuple):
    """What a server answered, whatever its status."""

    status: int
    headers: Message
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


def fetch(
    url: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT_SECONDS,
    limit: int = LIMIT_BYTES,
) -> Answer:
    """Return the answer of `url` within `timeout` seconds in all, with at most `limit` bytes of body.

    Raises NoAnswer. Only hosts in `settings.OUTWARD_NETWORKS` may be private, and may be asked without TLS.
    """
    ends = time.monotonic() + timeout
    parts = _parts(url)
    addresses = _allowed_within(parts, timeout)
    is_over = Event()
    connection = _Connection(parts, addresses, ends, is_over)
    timer = Timer(max(0.001, ends - time.monotonic()), _stop, (connection, is_over))
    timer.start()
    try:
        connection.request(method, urlunsplit(("", "", parts.path or "/", parts.query, "")), body, dict(headers or {}))
        with connection.getresponse() as response:
            found = response.read(limit + 1)
        if is_over.is_set():  # the body may have been cut off
            raise NoAnswer(Reason.TIMEOUT)
    except ssl.SSLCertVerificationError as error:
        raise NoAnswer(Reason.CERTIFICATE) from error
    except (OSError, http.client.HTTPException) as error:
        is_late = is_over.is_set() or isinstance(error, TimeoutError)
        raise NoAnswer(Reason.TIMEOUT if is_late else Reason.CONNECTION) from error
    finally:
        timer.cancel()
        connection.close()
    if len(found) > limit:
        raise NoAnswer(Reason.SIZE)
    return Answer(response.status, response.headers, found)


def is_allowed(url: str) -> bool:
    """Return whether `url` may be asked, as far as that can be told without looking up its host name."""
    try:
        parts = _parts(url)
        _allowed(parts, flags=socket.AI_NUMERICHOST)
    except NoAnswer as error:
        return error.reason == Reason.NAME and (parts.scheme == "https" or bool(settings.OUTWARD_NETWORKS))
    return True


def _parts(url: str) -> SplitResult:
    """Return the parts of `url` in ASCII. Raises NoAnswer if it is no address of a web server."""
    try:
        typed = urlsplit(url.strip())
        if typed.hostname and not typed.netloc.isascii():
            typed = typed._replace(netloc=typed.netloc.lower().replace(typed.hostname, in_ascii(typed.hostname)))
        parts = urlsplit(iri_to_uri(urlunsplit(typed)))
        port = parts.port
    except ValueError as error:
        raise NoAnswer(Reason.ADDRESS) from error
    if parts.scheme not in {"https", "http"} or not parts.hostname or "@" in parts.netloc or port == 0:
        raise NoAnswer(Reason.ADDRESS)
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _allowed(parts: SplitResult, flags: int = 0) -> list[str]:
    """Return the addresses of the host. Raises NoAnswer if any of them may not be asked."""
    try:
        found = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM, flags=flags)
    except (OSError, UnicodeError) as error:
        raise NoAnswer(Reason.NAME) from error
    addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
    own = [ip_network(network) for network in settings.OUTWARD_NETWORKS]
    for address in map(ip_address, addresses):
        is_own = any(address in network for network in own)
        if not is_own and (parts.scheme != "https" or not is_public(address)):
            raise NoAnswer(Reason.ADDRESS)
    return addresses


def _allowed_within(parts: SplitResult, timeout: float) -> list[str]:
    """Return what `_allowed` does, or raise NoAnswer after `timeout` seconds: a look-up itself has no limit of ours."""
    done: SimpleQueue[list[str] | NoAnswer] = SimpleQueue()

    def look_up() -> None:
        try:
            done.put(_allowed(parts))
        except NoAnswer as error:
            done.put(error)

    Thread(target=look_up, daemon=True).start()
    try:
        found = done.get(timeout=timeout)
    except Empty as error:
        raise NoAnswer(Reason.TIMEOUT) from error
    if isinstance(found, NoAnswer):
        raise found
    return found


def is_public(address: IPAddress) -> bool:
    """Return whether `address` is a host of the public internet, also if it stands for another address."""
    if address in NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    # Python counts an IPv4 address that is written as IPv6, such as ::ffff:10.0.0.1, among the reserved ones.
    is_special = address.is_reserved or address.is_multicast or getattr(address, "is_site_local", False)
    return address.is_global and not is_special


class _Connection(http.client.HTTPConnection):
    """A connection to one of the addresses of a host, which is named in the request and in its certificate."""

    def __init__(self, parts: SplitResult, addresses: list[str], ends: float, is_over: Event) -> None:
        """Prepare a connection that gives up at the moment `ends` of the monotonic clock, or once `is_over` is set."""
        super().__init__(str(parts.hostname), _port(parts))
        self.default_port = 443 if parts.scheme == "https" else 80
        self._addresses, self._ends, self._is_over = addresses, ends, is_over
        self.wire: socket.socket | None = None  # `sock`, which the parent forgets once it has read the headers
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None

    def connect(self) -> None:
        """Connect to the first address that answers. Each gets an equal share of the time that is left."""
        *others, last = self._addresses[:MOST_ADDRESSES]
        for number, address in enumerate(others):
            try:
                self._connect_to(address, share=1 / (len(others) + 1 - number))
            except ssl.SSLCertVerificationError:
                raise
            except OSError:
                continue
            return
        self._connect_to(last, share=1)

    def _connect_to(self, address: str, *, share: float) -> None:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._hold(socket.create_connection((address, self.port), left * share))
        if self._tls:
            # Held before the handshake, which can take as long as everything else.
            tls = self._tls.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self._hold(tls)
            tls.do_handshake()

    def _hold(self, wire: socket.socket) -> None:
        """Let `_stop` end what waits for `wire`. It may have come too early for that."""
        self.sock = self.wire = wire
        if self._is_over.is_set():
            raise TimeoutError


def _stop(connection: _Connection, is_over: Event) -> None:
    """End whatever `connection` waits for. Each single step has a limit, but a server may take many small ones."""
    is_over.set()
    if connection.wire:
        with suppress(OSError):  # it may have ended by itself
            # Not the method of the class for TLS, which would change its state under the thread that reads.
            socket.socket.shutdown(connection.wire, socket.SHUT_RDWR)
