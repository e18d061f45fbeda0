"""People who use the site while something is taken from it: they read pages, and each writes what can be counted."""

import http.client
import re
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from urllib3 import encode_multipart_formdata

from deploy.drills.databases import HOST
from deploy.drills.site import NAME

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
PAGES = ("/", "/talent/", "/help/certifications/")
PAUSE_SECONDS = 0.1  # between two requests of a person
TIMEOUT_SECONDS = 70

# A name, what is in it, and its kind: a file as a form sends it.
type File = tuple[str, bytes, str]


class Member(NamedTuple):
    """Someone who is signed in, the addresses of their profile and their certification, and the position they edit."""

    cookie: str
    profile: str
    certification: str
    position: int

    @property
    def form(self) -> str:
        return f"{self.profile}history/{self.position}/"


class Answer(NamedTuple):
    """`status` is 0 without an answer. `leads_to`: the address of a redirect, or ""."""

    status: int
    page: str = ""
    leads_to: str = ""


class Sent(NamedTuple):
    """One request, when its answer came, and how long that took. `status` is 0 without an answer."""

    at: float
    seconds: float
    method: str
    status: int


@dataclass
class Visitor:
    """One person in a thread: a page, the form, what was typed, and again. Comes from an address of their own.

    `confirmed` is the highest number that the site said it has saved, `tried` the highest that was sent.
    """

    member: Member
    port: int
    source: str
    sent: list[Sent] = field(default_factory=list)
    confirmed: int = 0
    tried: int = 0

    def run(self, is_over: threading.Event) -> None:
        turn = 0
        while not is_over.is_set():
            turn += 1
            self.ask("GET", PAGES[turn % len(PAGES)])
            form = self.ask("GET", self.member.form)
            if form.status == 200:
                self.tried += 1
                answer = self.fill_in(form, self.member.form, title=f"Work {self.tried}", started_in="2020")
                if answer.leads_to:
                    self.confirmed = self.tried
            is_over.wait(PAUSE_SECONDS)

    def send(self, page: str, to: str = "", **typed: str | File) -> Answer:
        """Fill in the form on `page`, which goes to the address `to`, and return the page that this leads to."""
        form = self.ask("GET", page)
        answer = self.fill_in(form, to or page, **typed) if form.status == 200 else form
        while answer.leads_to:
            answer = self.ask("GET", answer.leads_to)
        return answer

    def fill_in(self, form: Answer, to: str, **typed: str | File) -> Answer:
        return self.ask("POST", to, dict(HIDDEN.findall(form.page)) | typed)

    def ask(self, method: str, path: str, typed: dict[str, str | File] | None = None) -> Answer:
        """Send a request as a browser would, and return the answer."""
        headers = {"Host": NAME, "Cookie": self.member.cookie}
        body = None
        if typed is not None:
            body, kind = encode_multipart_formdata(typed)
            headers |= {"Origin": f"https://{NAME}", "Content-Type": kind}
        began = time.monotonic()
        answer = Answer(0)
        connection = http.client.HTTPConnection(
            HOST, self.port, timeout=TIMEOUT_SECONDS, source_address=(self.source, 0)
        )
        with closing(connection), suppress(OSError, http.client.HTTPException):
            connection.request(method, path, body, headers)
            said = connection.getresponse()
            answer = Answer(said.status, said.read().decode(errors="replace"), said.headers.get("Location", ""))
        ended = time.monotonic()
        self.sent.append(Sent(ended, ended - began, method, answer.status))
        return answer


class Load:
    """All members at work at once, from entering the context until leaving it."""

    def __init__(self, port: int, members: list[Member]) -> None:
        self.visitors = [Visitor(member, port, f"127.0.1.{number}") for number, member in enumerate(members, 1)]
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=visitor.run, args=[self.is_over]) for visitor in self.visitors]

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        for thread in self.threads:
            thread.join()

    @property
    def sent(self) -> list[Sent]:
        return sorted(sent for visitor in self.visitors for sent in list(visitor.sent))

    def statuses(self) -> Counter[int]:
        return Counter(sent.status for sent in self.sent)

    def failed(self) -> int:
        """Return how many requests had no answer or one that says that the site failed."""
        return sum(count for status, count in self.statuses().items() if status == 0 or status >= 500)

    def pause(self) -> float:
        """Return the longest time in seconds during which no request succeeded."""
        good = [sent.at for sent in self.sent if 0 < sent.status < 500]
        return max((after - before for before, after in pairwise(good)), default=0.0)

    def lost(self, saved: dict[int, str]) -> int:
        """Return how many members find something older than the site confirmed. `saved`: titles by position."""
        numbers = [int(saved[visitor.member.position].removeprefix("Work ")) for visitor in self.visitors]
        return sum(number < visitor.confirmed for number, visitor in zip(numbers, self.visitors, strict=True))
