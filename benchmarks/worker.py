"""A process that answers requests to the application as its server would, and reads its own clock.

Each line on its standard input is a request: `["describe", page]` or `["measure", page, how many]`; each line it
prints is the answer. `page` is an index of PAGES.
"""

import json
import sys
import time
from io import BytesIO

from benchmarks.databases import HOST
from benchmarks.pages import PAGES

WARM_UP = 20


def main():
    from marketplace.wsgi import application

    cookie = sign_in()
    environments = [environ(page, cookie) for page in PAGES]
    for line in sys.stdin:
        act, page, *rest = json.loads(line)
        answer = describe if act == "describe" else measure
        print(json.dumps(answer(application, environments[page], *rest)), flush=True)


def sign_in():
    """A session cookie of a member of an Enterprise client: `name=value`."""
    from django.conf import settings
    from django.test import Client as Browser

    from profiles.models import Client, ClientMembership, User

    user, _ = User.objects.get_or_create(email="bench@bench.example", defaults={"name": "Bea Benchley"})
    client, _ = Client.objects.get_or_create(
        slug="bench", defaults={"name": "Bench Works", "plan": Client.Plan.ENTERPRISE}
    )
    ClientMembership.objects.get_or_create(user=user, client=client)
    browser = Browser()
    browser.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={browser.cookies[name].value}"


def environ(page, cookie):
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": page.path,
        "QUERY_STRING": getattr(page, "query", ""),
        "SERVER_NAME": HOST,
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": HOST,
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_X_FORWARDED_FOR": "192.0.2.1",
        "HTTP_ACCEPT_ENCODING": "gzip",
        "wsgi.url_scheme": "https",
        "wsgi.version": (1, 0),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **({"HTTP_COOKIE": cookie} if page.is_signed_in else {}),
    }


def request(application, environ):
    """One request, as the server makes it: (status, body)."""
    status = []
    response = application({**environ, "wsgi.input": BytesIO()}, lambda line, headers: status.append(line))
    body = b"".join(response)
    response.close()
    return status[0], body


def describe(application, environ):
    """Warm up, and tell how many queries the page makes and its cookie. Fails if it is not served."""
    from django.db import connection

    for _ in range(WARM_UP):
        request(application, environ)
    queries = []

    def count(execute, sql, *args):
        queries.append(sql)
        return execute(sql, *args)

    with connection.execute_wrapper(count):
        status, body = request(application, environ)
    if status != "200 OK":
        raise SystemExit(f"{environ['PATH_INFO']} answered {status}.")
    return {"queries": len(queries), "bytes": len(body), "cookie": environ.get("HTTP_COOKIE", "")}


def measure(application, environ, requests):
    """Seconds a request: of this process's CPU, and on the clock, database included."""
    cpu, clock = time.process_time(), time.perf_counter()
    for _ in range(requests):
        request(application, environ)
    return {
        "cpu": (time.process_time() - cpu) / requests,
        "clock": (time.perf_counter() - clock) / requests,
    }


if __name__ == "__main__":
    main()
