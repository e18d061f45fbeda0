"""A process that searches as a member of an Enterprise client does, and reads its own clock.

Each line on its standard input is a request: `["batch", seed]` or `["save", seed]`; each line it prints is the answer,
seconds by what took them.
"""

import json
import sys
import time
import uuid
from datetime import timedelta
from functools import partial
from random import Random
from types import SimpleNamespace
from urllib.parse import urlencode

import pgtrigger
from django.db import connection, transaction
from django.utils import timezone

from benchmarks.worker import environ, request, sign_in

SEARCHES = 25  # a batch
PAGES_DEEP = 40
WARM_UP = 12


def main():
    from marketplace.wsgi import application

    bench = Bench(application, sign_in())
    for line in sys.stdin:
        act, seed = json.loads(line)
        print(json.dumps(getattr(bench, act)(seed)), flush=True)


class Bench:
    def __init__(self, application, cookie):
        from certifications.models import Certificate, CertificationType
        from devtools.demo.loader import read_content
        from profiles.models import Client, User
        from profiles.places import STATE_TIME_ZONES
        from profiles.viewer import Viewer
        from rollout.models import RolloutPolicy
        from sourcing import terms

        self.application, self.cookie = application, cookie
        user = User.objects.get(email="bench@bench.example")
        terms.accept(Client.objects.get(slug="bench").pk, purpose="To measure.", by=user)
        self.viewer, self.policy = Viewer(user), RolloutPolicy.in_force()
        self.types = list(CertificationType.objects.values_list("pk", flat=True))
        self.certificates = list(Certificate.objects.filter(names_body=False).values_list("pk", flat=True))
        self.states = [state for state in STATE_TIME_ZONES if len(state) == 2]
        self.trades = list(read_content()["trades"].values())
        self.today = timezone.now().date()
        for _ in range(WARM_UP):  # PostgreSQL keeps a plan from the sixth time on
            self.search("").page()

    def draw(self, random):
        """A search as someone may make it, as a part of an address."""
        trade = random.choice(self.trades)
        query = {"sort": random.choice(["relevance", "relevance", "relevance", "recent", "name"])}

        def sometimes(share, name, choose):
            if random.random() < share:
                query[name] = choose()

        sometimes(0.7, "types", lambda: random.sample(self.types, random.choice([1, 1, 2])))
        words = random.choice(trade["skills"] + trade["headlines"]).split()
        sometimes(0.4, "q", lambda: random.choice(words)[: random.randint(3, 12)])
        sometimes(0.15, "skills", lambda: random.choice(trade["skills"]))
        sometimes(0.4, "state", lambda: random.choice(self.states))
        sometimes(0.2, "kind", lambda: random.choice(["freelancer", "agency"]))
        sometimes(0.2, "rate_from", lambda: random.randrange(20, 80, 10))
        sometimes(0.2, "valid_until", lambda: self.today + timedelta(days=random.randint(0, 200)))
        sometimes(0.1, "certificate", lambda: random.choice(self.certificates))
        return urlencode(query, doseq=True)

    def search(self, query):
        """The Search that the page of `query` makes."""
        from django.http import QueryDict

        from sourcing.forms.search import SourcingForm

        return SourcingForm(QueryDict(query), viewer=self.viewer, policy=self.policy).search

    def batch(self, seed):
        """Seconds of SEARCHES searches, by what of them: {name: list}. Each was made once before."""
        random = Random(seed)
        taken = {name: [] for name in ("one", "page", "statements", "whole", "cpu", "first", "deep")}
        for _ in range(SEARCHES):
            query = self.draw(random)
            search = self.search(query)
            taken["one"] += [self.select_one() for _ in range(5)]
            search.page()
            seconds, statements, page = self.page(search)
            taken["page"].append(seconds)
            taken["statements"].append(statements)
            whole = environ(SearchPage(query), self.cookie)
            request(self.application, whole)
            cpu = time.process_time()
            seconds, (status, _) = timed(partial(request, self.application, whole))
            assert status == "200 OK", status
            taken["cpu"].append(time.process_time() - cpu)
            taken["whole"].append(seconds)
            deep = self.deep(search, page)
            if deep:
                for name, place in (("first", None), ("deep", deep)):
                    search.page(after=place)
                    taken[name].append(self.page(search, after=place)[1])
        return taken

    @staticmethod
    def page(search, **place):
        """(seconds that a page takes, seconds of its statements, the page)."""
        with Statements() as statements:
            seconds, page = timed(partial(search.page, **place))
        return seconds, statements.seconds, page

    @staticmethod
    def deep(search, page):
        """The cursor of the page PAGES_DEEP pages on, or None if there are fewer."""
        cursor = None
        for _ in range(PAGES_DEEP):
            cursor = page.next
            if cursor is None:
                return None
            page = search.page(after=cursor)
        return cursor

    @staticmethod
    def select_one():
        with connection.cursor() as cursor:
            return timed(lambda: cursor.execute("SELECT 1").fetchall())[0]

    def save(self, seed):
        """Seconds that it takes to save a certification, with the listing's triggers and without: {name: list}."""
        from profiles.models import Profile

        random = Random(seed)
        slugs = [f"filled-{random.randint(1, 10_000):07}" for _ in range(40)]
        taken = {"listed": [], "unlisted": []}
        for number, profile in enumerate(Profile.objects.filter(slug__in=slugs, certifications=None)):
            for name in sorted(taken, reverse=bool(number % 2)):
                with transaction.atomic():
                    if name == "unlisted":
                        self.forget_the_listing()
                    taken[name].append(timed(partial(self.add, profile))[0])
                    transaction.set_rollback(True)
        return taken

    @staticmethod
    def forget_the_listing():
        """For the rest of the transaction, which is rolled back."""
        for model in ("FollowedCertification", "FollowedConsent"):
            pgtrigger.disable(f"sourcing.{model}:listing_insert", f"sourcing.{model}:listing_update")

    def add(self, profile):
        """Save a certification as the site does, with the consent to be found by it."""
        from certifications.entry import saving
        from certifications.models import Certificate, Certification, Consent

        certificate = Certificate.objects.get(pk=self.certificates[0])
        record = Certification(
            profile=profile,
            type=certificate.type,
            certificate=certificate,
            legal_business_name=f"{profile.name} LLC",
            number="B-1",
            expires_on=self.today + timedelta(days=300),
        )
        assert self.viewer.user is not None
        saving.add(
            profile,
            [SimpleNamespace(instance=record)],
            by=self.viewer.user,
            plans=["business", "enterprise"],
            submission=uuid.uuid4(),
            purposes=[Consent.Purpose.FIND],
        )


def timed(act):
    """(seconds that `act` takes, what it returns)."""
    clock = time.perf_counter()
    result = act()
    return time.perf_counter() - clock, result


class SearchPage:
    """A search's page, as `environ` takes it."""

    is_signed_in = True
    path = "/sourcing/"

    def __init__(self, query):
        self.query = query


class Statements:
    """The seconds that the database took for the statements within, each until its last row is here."""

    def __enter__(self):
        self.seconds = 0.0
        self.wrapper = connection.execute_wrapper(self._time)
        self.wrapper.__enter__()
        return self

    def __exit__(self, *error):
        self.wrapper.__exit__(*error)

    def _time(self, execute, sql, params, many, context):
        seconds, result = timed(partial(execute, sql, params, many, context))
        self.seconds += seconds
        return result


if __name__ == "__main__":
    import django

    django.setup()
    main()
