"""Hostile requests, made from what pages offer: every form, hidden field, button and query is found by itself."""

import itertools
import re
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import parse_qsl, quote_plus, urljoin, urlsplit

from django.db import transaction
from django.test import Client as Browser
from django.test import TestCase
from django.urls import Resolver404, resolve

from tests.site import sign_in

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
LONG = "a" * 20_000

# What a field is sent, as the bytes that stand in a body or an address.
VALUES = {
    "nothing": b"",
    "NUL": b"a%00b",
    "broken UTF-8": b"%ff%fe",
    "overlong UTF-8": b"%c0%af",
    "half a surrogate": b"%ed%a0%80",
    "other half, escaped": b"%5Cud83d",
    "bare percent signs": b"%zz%",
    "beyond Unicode": b"%f4%90%80%80",
    "invisible marks": "\u202d1\u202c\u2028\ufeff\x0b".encode(),
    "an astral letter": "𝟙😀".encode(),
    "very long": LONG.encode(),
    "many lines": b"a%0d%0a" * 5_000,
    "a word": b"abc",
    "a number": b"7",
    "zero": b"0",
    "below zero": b"-1",
    "2^31": b"2147483648",
    "2^63": b"9223372036854775808",
    "forty digits": b"9" * 40,
    "five thousand digits": b"9" * 5_000,
    "a fraction": b"1.5",
    "an exponent": b"1e400",
    "not a number": b"NaN",
    "endless": b"-Infinity",
    "Arabic digits": "٣".encode(),
    "a superscript": "²".encode(),
    "a Roman numeral": "Ⅷ".encode(),
    "underscored digits": b"1_000",
    "a spaced number": b"+7%20",
    "year 0": b"0000-00-00",
    "year 1": b"0001-01-01",
    "year 9999": b"9999-12-31",
    "year 10000": b"10000-01-01",
    "below year 0": b"-1-01-01",
    "no such day": b"2026-02-30",
    "a U.S. date": b"13/45/2026",
    "a moment": b"2026-11-27T00:00:00Z",
    "year 1, far zone": b"0001-01-01T00:00:00%2B14:00",
    "a list": b"[]",
    "an object": b"%7B%22a%22:%5B1%5D%7D",
    "deep JSON": b"%5B" * 5_000,
    "null": b"null",
    "true": b"true",
    "quotes": b"%22%3E%3Cb%3E'%3B--",
    "a template": b"%7B%7B7*7%7D%7D%25s%25(a)s%7B0%7D",
    "another site": b"https://evil.example/",
    "no scheme": b"//evil.example/x",
    "a script": b"javascript:alert(1)",
    "a broken IPv6 host": b"http://[::1",
    "backslashes": b"%5C%5Cevil.example%5Cx",
    "a view's name": b"admin:index",
    "an own path": b"/talent/",
    "a path up": b"../../../../etc/passwd",
    "a query": b"?a=1%26b=%23",
    "a uuid": b"00000000-0000-0000-0000-000000000000",
    "nearly a uuid": b"00000000-0000-0000-0000-00000000000g",
    "a slug": b"a-b_c",
    "an e-mail address": b"a@b",
    "an odd e-mail address": "ä@xn--a.example".encode(),
    "a pattern": b"(a%2B)%2B$%5C",
    "search words": b"%22a%20-%20%20or%20%26%20%7C%20%21%20%3A*%20(",
    "a wildcard": b"%25_%5C",
    "commas": b"1,2,,x",
    "order": b"-1.2.x.99999999999999999999",
}
HEADERS = [
    {"HX-Request": "true", "HX-Current-URL": "http://[::1", "HX-Target": "\ud83d".encode("utf-8", "ignore").decode()},
    {"HX-Request": "true", "HX-Current-URL-URI-AutoEncoded": "true", "HX-Current-URL": "%ff%fe"},
    {"HX-Request": "true", "HX-Boosted": "true", "HX-History-Restore-Request": "true"},
    {"HX-Request": "true", "HX-Triggering-Event": "{", "HX-Prompt": "%00", "HX-Trigger": "x" * 5_000},
    {"Accept-Language": "en;q=9e999,*;q=NaN,xx-" + "y" * 600},
    {"Accept": "*/*;q=,;;text/html;q=abc"},
    {"Accept-Encoding": "gzip;q=x,identity;q=-1"},
    {"Referer": "http://[::1"},
    {"Referer": "x" * 5_000},
    {"Referer": "http://testserver/\xff"},
    {"Origin": "null"},
    {"Host": "evil.example"},
    {"Host": "testserver:99999999"},
    {"Host": "[::1"},
    {"X-Forwarded-For": "x, ::1%eth0, 1.2.3.4.5"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"},
    {"If-None-Match": '"', "If-Modified-Since": "Thu, 99 Zzz 99999 99:99:99 GMT"},
    {"If-Match": "*", "If-Unmodified-Since": "0"},
    {"Range": "bytes=9-1,-,a-b"},
    {"Cookie": "sessionid=\x01; csrftoken=" + "é" * 64},
    {"Cookie": "sessionid=" + "a" * 5_000 + "; messages=[[]"},
    {"Content-Length": "abc"},
    {"Content-Length": "-1"},
    {"User-Agent": "\xff" * 300},
]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "ODD"]
SEGMENTS = [
    "0", "-1", "9223372036854775808", "9" * 400, "1.5", "²", "٣", "a", "%00", "%ff", "%ed%a0%80",
    "..", "%2e%2e", "%2f", "%25",
    "a" * 3_000, "%F0%9F%98%80", "A-b_c", "x%0d%0ay", "00000000-0000-0000-0000-000000000000",
    "%7B%7D", "_5F", "_", "_zz", "+", "%20",
]  # fmt: skip


class Form(NamedTuple):
    """What a page lets someone send: `fields` are pairs of a name and the value that stands there."""

    path: str
    method: str
    fields: tuple
    has_files: bool

    @property
    def shape(self):
        """What two forms have in common that are the same but for what they are about."""
        try:
            where = resolve(self.path).route
        except Resolver404:
            where = self.path
        return where, self.method, frozenset(dict(self.fields))


class _Reader(HTMLParser):
    """Finds the forms of a page, what htmx sends without one, and the names that its links ask by."""

    def __init__(self, page):
        super().__init__()
        self.page, self.forms, self.asked, self.links = page, {}, set(), set()
        self.form = self.select = None

    def handle_starttag(self, tag, attributes):
        found = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.form = found.get("id") or f"form {len(self.forms)}"
            where = urljoin(self.page, found.get("action", ""))
            method = found.get("method", "get").upper()
            self.forms[self.form] = {"path": where, "method": method, "fields": [], "files": False}
        for kind in ("post", "get", "put", "patch", "delete"):
            if where := found.get(f"hx-{kind}"):
                path = urljoin(self.page, where)
                self.forms[f"{kind} {path}"] = {"path": path, "method": kind.upper(), "fields": [], "files": False}
        if tag == "a" and found.get("href") and not urlsplit(urljoin(self.page, found["href"])).netloc:
            link = urlsplit(urljoin(self.page, found["href"]))
            self.asked |= {(link.path, name) for name, _ in parse_qsl(link.query, keep_blank_values=True)}
            self.links.add(link.path)
        if tag == "option" and self.select and ("selected" in found or not self.select[1]):
            self.select[1] = found.get("value", "")
        owner = self.forms.get(found.get("form") or self.form)
        if owner is None or tag not in {"input", "select", "textarea", "button"} or not found.get("name"):
            return
        owner["files"] |= found.get("type") == "file"
        names = [name for name, _ in owner["fields"]]
        if found.get("type") in {"radio", "checkbox", "submit"} and "checked" not in found and found["name"] in names:
            return
        field = [found["name"], "Words." if tag == "textarea" else found.get("value", "")]
        self.select = field if tag == "select" else None
        owner["fields"].append(field)

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None


def read(page, html):
    """What the page at the address `page` offers: (list of Form, set of (path, name asked by), set of linked paths)."""
    reader = _Reader(page)
    reader.feed(html)
    forms = [
        Form(urlsplit(form["path"]).path, form["method"], tuple(map(tuple, form["fields"])), form["files"])
        for form in reader.forms.values()
        if not urlsplit(form["path"]).netloc
    ]
    return forms, reader.asked, reader.links


def encoded(pairs):
    """A body, or a query: of each pair the name, and the bytes of its value as they are to stand there."""
    return b"&".join(quote_plus(name).encode() + b"=" + value for name, value in pairs)


def multipart(pairs, file=b"%PDF-1.7\n\x00\xff"):
    """A body of parts: of each pair the name, and its value; what is called "file" or "photo" is one."""
    parts = []
    for name, value in pairs:
        kind = (
            b'; filename="\xff.pdf"\r\nContent-Type: application/pdf' if name in {"file", "photo", "document"} else b""
        )
        body = file if kind else value
        parts.append(
            b'--x\r\nContent-Disposition: form-data; name="' + name.encode() + b'"' + kind + b"\r\n\r\n" + body
        )
    return b"\r\n".join([*parts, b"--x--\r\n"])


# Whole bodies that are broken, made of the names of a form's fields.
BODIES = {
    "another charset": lambda names: (b"\xff\xfe=1", f"{FORM}; charset=utf-16"),
    "an unknown charset": lambda names: (b"a=1", f"{FORM}; charset=no-such"),
    "a charset that is no text": lambda names: (b"a=1", f"{FORM}; charset=base64"),
    "broken multipart": lambda names: (b"--x\r\nContent-Disp", MULTIPART),
    "multipart without an end": lambda names: (multipart([(name, b"1") for name in names])[:-9], MULTIPART),
    "multipart of broken letters": lambda names: (
        multipart([(name, b"\xff\x00\xed\xa0\x80") for name in names]),
        MULTIPART,
    ),
    "an empty file": lambda names: (multipart([(name, b"1") for name in [*names, "file"]], b""), MULTIPART),
    "no boundary": lambda names: (b"abc", "multipart/form-data"),
    "a boundary that is no text": lambda names: (b"abc", "multipart/form-data; boundary=\xff"),
    "oversized": lambda names: (b"x=" + b"a" * 1_100_000, FORM),
    "too many fields": lambda names: (b"a=1&" * 1_000, FORM),
    "too many parts": lambda names: (multipart([("a", b"1")] * 1_000), MULTIPART),
    "too many files": lambda names: (multipart([("file", b"1")] * 200), MULTIPART),
    "JSON": lambda names: (b'{"a": [1', "application/json"),
    "text": lambda names: ("٣".encode(), "text/plain; charset=latin-1"),
    "no type": lambda names: (b"a=1", ""),
    "an odd type": lambda names: (b"a=1", "x/\xff;;=;charset"),
    "nothing": lambda names: (b"", FORM),
    "all twice": lambda names: (encoded([(name, b"1") for name in names] + [(name, b"%00") for name in names]), FORM),
    "arrays": lambda names: (encoded([(f"{name}[]", b"1") for name in names]), FORM),
    "only names": lambda names: ("&".join(map(quote_plus, names)).encode(), FORM),
}


class Hostile:
    """Someone who sends what no page would send. Whatever it does is undone after each request."""

    def __init__(self, user, random):
        self.random = random
        self.browser = Browser(raise_request_exception=False)
        if user:
            sign_in(self.browser, user, again=True)
        self.cookies = self.browser.cookies.output(header="", sep=";")
        self.kept = {name: morsel.value for name, morsel in self.browser.cookies.items()}
        self.failures = []
        self.sent = 0

    def send(self, method, path, query=b"", body=b"", content_type=FORM, headers=None, told="", follows=True):
        """The answer's status, in the same state for each request."""
        self.browser.cookies.clear()
        self.browser.cookies.load(self.kept)
        self.sent += 1
        environment = {"QUERY_STRING": query.decode("latin-1")}
        for name, value in (headers or {}).items():
            bare = name.upper().replace("-", "_")
            environment[bare if bare.startswith("CONTENT_") else f"HTTP_{bare}"] = value
        try:
            with transaction.atomic():
                with TestCase.captureOnCommitCallbacks(execute=True):
                    response = self.browser.generic(method, path, body, content_type=content_type, **environment)
                    response.getvalue()
                    if follows and response.status_code in {302, 303} and response["Location"].startswith("/"):
                        told += f" → {response['Location'][:200]}"  # where what was sent may be shown again
                        response = self.browser.get(response["Location"])
                        response.getvalue()
                    status = response.status_code
                    error = getattr(response, "exc_info", None)
                transaction.set_rollback(True)
        except Exception as raised:  # whatever it is, it would have been a 500
            status, error = 500, (type(raised), raised)
        if status >= 500:
            sent = f"{method} {path[:200]}?{query[:200]!r} {told} {body[:300]!r} {headers or ''}"
            self.failures.append(f"{sent}: {status} {error and error[1]!r}")
        return status

    def page(self, path):
        """The HTML of a page, or None."""
        self.browser.cookies.clear()
        self.browser.cookies.load(self.kept)
        with transaction.atomic():
            response = self.browser.get(path)
            content = response.getvalue()
            transaction.set_rollback(True)
        if response.status_code >= 500:
            self.failures.append(f"GET {path}: {response.status_code}")
        is_page = response.status_code == 200 and response["Content-Type"].startswith("text/html")
        return content.decode() if is_page else None

    def look_round(self, paths):
        """The forms of pages and of what they link to, one of each shape, and by what each path is asked: dict."""
        forms, asked, seen = {}, {}, set()
        waiting = list(paths)
        shapes = set()
        while waiting:
            path = waiting.pop(0)
            shape = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+", "#", path)
            if path in seen or shape in shapes or path.startswith("/static/"):
                continue
            seen.add(path)
            shapes.add(shape)
            if (html := self.page(path)) is None:
                continue
            found, names, links = read(path, html)
            for form in found:
                forms.setdefault(form.shape, form)
            for where, name in names:
                asked.setdefault(where, set()).add(name)
            waiting += sorted(links)
        return list(forms.values()), asked, sorted(seen)

    def value(self):
        return self.random.choice(list(VALUES.values()))

    def send_form(self, form, hostile, headers=None):
        """Send a form as it stands, but for the fields named in `hostile` (dict of bytes)."""
        pairs = [(name, quote_plus(value).encode()) for name, value in form.fields if name not in hostile]
        pairs += list(hostile.items())
        told = ", ".join(f"{name}={value[:40]!r}" for name, value in hostile.items())
        if form.method == "GET":
            return self.send("GET", form.path, query=encoded(pairs), told=told, headers=headers)
        if form.has_files:
            return self.send(
                form.method, form.path, body=multipart(pairs), content_type=MULTIPART, told=told, headers=headers
            )
        return self.send(form.method, form.path, body=encoded(pairs), told=told, headers=headers)

    def send_body(self, form, told):
        """Send one of BODIES, called `told`, to where `form` is sent."""
        body, content_type = BODIES[told](list(dict(form.fields)))
        self.send("POST", form.path, body=body, content_type=content_type, told=told)

    def every_field(self, forms):
        """Each field of each form, once, with something that does not belong there."""
        for form in forms:
            for name in dict(form.fields):
                self.send_form(form, {name: self.value()})

    def broken_bodies(self, forms):
        """Each broken body, and each form with two of them or more."""
        bodies = itertools.cycle(BODIES)
        posting = [form for form in forms if form.method == "POST"]
        for _ in range(max(2, -(-len(BODIES) // max(1, len(posting))))):
            for form in posting:
                self.send_body(form, next(bodies))

    def at_random(self, forms, asked, paths, count):
        """`count` requests of every kind."""
        names = sorted({name for form in forms for name in dict(form.fields)} | set().union(*asked.values(), {"next"}))
        acts = [
            self._fields,
            self._fields,
            self._fields,
            self._body,
            self._query,
            self._query,
            self._path,
            self._headers,
            self._method,
        ]
        for _ in range(count):
            self.random.choice(acts)(forms, asked, paths, names)

    def _fields(self, forms, asked, paths, names):
        form = self.random.choice(forms)
        own = list(dict(form.fields)) or names
        chosen = self.random.sample(own, min(len(own), self.random.randint(1, 4)))
        extra = [self.random.choice(names)] if self.random.random() < 0.2 else []
        self.send_form(form, {name: self.value() for name in chosen + extra})

    def _body(self, forms, asked, paths, names):
        self.send_body(self.random.choice(forms), self.random.choice(list(BODIES)))

    def _query(self, forms, asked, paths, names):
        path = self.random.choice(paths)
        own = sorted(asked.get(path, ())) or names
        chosen = [
            self.random.choice(own if self.random.random() < 0.8 else names) for _ in range(self.random.randint(1, 3))
        ]
        self.send("GET", path, query=encoded([(name, self.value()) for name in chosen]))

    def _path(self, forms, asked, paths, names):
        parts = self.random.choice(paths).split("/")
        parts[self.random.randrange(1, max(2, len(parts) - 1))] = self.random.choice(SEGMENTS)
        self.send(self.random.choice(["GET", "POST"]), "/".join(parts))

    def _headers(self, forms, asked, paths, names):
        headers = self.random.choice(HEADERS)
        if self.random.random() < 0.5:
            self.send("GET", self.random.choice(paths), headers=headers)
        else:
            self.send_form(self.random.choice(forms), {}, headers=headers)

    def _method(self, forms, asked, paths, names):
        self.send(self.random.choice(METHODS), self.random.choice(paths), body=b"a=1")
