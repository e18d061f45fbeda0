"""An email as it is handed to a mail server."""

import email.message
import email.policy
from email.header import Header
from email.headerregistry import Address, AddressHeader, UnstructuredHeader
from typing import Any

from django.core.mail import EmailMultiAlternatives

LONGEST_LINE = 76  # of a header that has encoded words. Source: RFC 2047, 2
LONGEST_BODY_LINE = 998  # beyond, a body is encoded. Source: RFC 5322, 2.1.1
LONGEST_WORD = 60  # of a text that is not encoded: a longer one would stand on a line of its own, after a space


def one_line(text: object) -> str:
    """Return `text` on one line, without control characters, as a header can hold it."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())


def _encoded(name: str, text: str, linesep: str = "\n") -> str:
    """Return `text` folded: unchanged if it reads back as it is, else in encoded words that each decode alone."""
    is_plain = text.isascii() and "=?" not in text and all(len(word) <= LONGEST_WORD for word in text.split())
    return Header(text, None if is_plain else "utf-8", LONGEST_LINE, name, errors="replace").encode(linesep=linesep)


def _named(name: str, address: Address, linesep: str) -> str:
    """Return an address with the name of the person it belongs to."""
    if address.display_name.isascii():
        return str(address)
    return f"{_encoded(name, address.display_name, linesep)}{linesep} <{address.addr_spec}>"


class HeaderPolicy(email.policy.EmailPolicy):
    """Folds texts as RFC 2047 asks, and leaves the links in List- headers whole.

    Python's own folding makes encoded words of any length once lines are long, and with short lines it encodes links,
    which mail programs then cannot follow.
    """

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        if isinstance(value, str) and "=?" in value:  # typed by a person, and not to be decoded
            value = _encoded(name, one_line(value)).replace("\n", "")
        return super().header_store_parse(name, value)

    def fold(self, name: str, value: Any) -> str:
        if name.lower().startswith("list-"):
            return f"{name}: {value}{self.linesep}"
        if isinstance(value, UnstructuredHeader):
            return f"{name}: {_encoded(name, str(value), self.linesep)}{self.linesep}"
        if isinstance(value, AddressHeader):
            addresses = f",{self.linesep} ".join(_named(name, one, self.linesep) for one in value.addresses)
            return f"{name}: {addresses}{self.linesep}"
        return super(HeaderPolicy, self.clone(max_line_length=LONGEST_LINE)).fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode("ascii", "surrogateescape")


class Email(EmailMultiAlternatives):
    """An email, as text and HTML. Nothing else may be handed to a mail server; see `common.mail.outbox`."""

    def message(self, *, policy: email.policy.Policy = email.policy.default) -> email.message.EmailMessage:
        return super().message(policy=HeaderPolicy(linesep=policy.linesep, max_line_length=LONGEST_BODY_LINE))
