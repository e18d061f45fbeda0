"""A process in which a program of a client calls the API, and reads its own clock. A request is `["walks", given]`."""

import json
import sys
import time
import uuid
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from django.utils import timezone

from benchmarks.databases import HOST
from benchmarks.worker import environ, request, sign_in

SECRET = f"dcm_live_{0:064x}"
SHORT, LONG = timedelta(hours=1), timedelta(days=1_000)  # ago: nothing changed since, and everything
ROUNDS, DEEP, REQUESTS, WARM_UP = 8, 6, 5, 12
CERTIFICATIONS = "/api/v1/certifications"
WALKS = {
    "nothing changed": (CERTIFICATIONS, {"updated_since": SHORT}),
    "everything changed": (CERTIFICATIONS, {"updated_since": LONG}),
    "nothing gone": (f"{CERTIFICATIONS}/removed", {"since": SHORT}),
    "everything gone": (f"{CERTIFICATIONS}/removed", {"since": LONG}),
}


def main():
    from marketplace.wsgi import application

    bench = Bench(application, sign_in())
    for line in sys.stdin:
        act, *rest = json.loads(line)
        print(json.dumps(getattr(bench, act)(*rest)), flush=True)


class Call:
    """A request of a program, as `environ` takes it."""

    is_signed_in = False

    def __init__(self, path, query=""):
        self.path, self.query = path, query


class Search:
    """The search's page of a member, as `environ` takes it."""

    is_signed_in, path, query = True, "/sourcing/", "sort=recent"


class Bench:
    def __init__(self, application, cookie):
        from integrations.api import auth
        from integrations.models import AccessToken
        from integrations.models.token import digest_of
        from profiles.models import Client, ClientMembership, User
        from sourcing import terms

        auth.REQUESTS = sys.maxsize  # a minute, of a token
        self.application, self.cookie = application, cookie
        self.client, user = Client.objects.get(slug="bench"), User.objects.get(email="bench@bench.example")
        ClientMembership.objects.filter(user=user).update(role=ClientMembership.Role.ADMIN)
        terms.accept(self.client.pk, purpose="To measure.", by=user)
        now = timezone.now()
        AccessToken.objects.update_or_create(
            digest=digest_of(SECRET),
            defaults={
                "client": self.client,
                "made_by": user,
                "name": "Bench",
                "scopes": AccessToken.Scope.values,
                "created_at": now,
                "expires_at": now + timedelta(days=2),
            },
        )

    def walks(self, given):
        """Seconds of each page of what changed and of what is gone, without the last, which may look at less.

        Of a client that was given all certifications there are, and others before, `given` in all.
        """
        self._give(given)
        now = timezone.now()
        taken = {}
        for name, (path, asked) in WALKS.items():
            call = Call(path, urlencode({key: (now - ago).isoformat() for key, ago in asked.items()}))
            for _ in range(WARM_UP):
                self._get(call)
            taken[name] = [seconds for _ in range(ROUNDS) for seconds in self._walk(call)]
        return taken

    def _walk(self, call):
        seconds = []
        while call and len(seconds) < DEEP:
            clock = time.perf_counter()
            following = self._get(call)["next"]
            seconds.append(time.perf_counter() - clock)
            call = Call(call.path, urlsplit(following).query) if following else None
        return seconds if call else seconds[:-1]

    def _give(self, count):
        from certifications.models import Certification
        from integrations.models import Given

        given_at, gone_at = timezone.now() - timedelta(days=300), timezone.now() - timedelta(days=200)
        Given.objects.filter(client=self.client).delete()
        records = [None] * (count - Certification.objects.count()) + list(Certification.objects.order_by("pk"))
        Given.objects.bulk_create(
            (
                Given(
                    client=self.client,
                    certification=record,
                    key=uuid.uuid4(),
                    given_at=given_at,
                    gone_at=gone_at if record is None else None,
                )
                for record in records
            ),
            batch_size=1_000,
        )
        analyze()

    def pages(self):
        """Seconds of CPU of a page of the API and of the search's page, REQUESTS at a time by turns."""
        calls = {"api": Call(CERTIFICATIONS), "search": Search()}
        assert len(self._get(calls["api"])["results"]) == 50
        taken = {name: [] for name in calls}
        environments = {name: self._environ(call) for name, call in calls.items()}
        for environment in environments.values():
            for _ in range(WARM_UP):
                assert request(self.application, environment)[0] == "200 OK"
        for _ in range(ROUNDS):
            for name, environment in environments.items():
                cpu = time.process_time()
                for _ in range(REQUESTS):
                    request(self.application, environment)
                taken[name].append((time.process_time() - cpu) / REQUESTS)
        return taken

    def _environ(self, call):
        return environ(call, self.cookie) | ({} if call.is_signed_in else {"HTTP_AUTHORIZATION": f"Bearer {SECRET}"})

    def _get(self, call):
        status, body = request(self.application, self._environ(call) | {"HTTP_ACCEPT_ENCODING": ""})
        if status != "200 OK":
            raise SystemExit(f"https://{HOST}{call.path}?{call.query} answered {status}: {body[:500]}")
        return json.loads(body)


def analyze():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE integrations_given")


if __name__ == "__main__":
    import django

    django.setup()
    main()
