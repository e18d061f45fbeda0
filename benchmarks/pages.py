"""The pages that are measured, and what the project wants of them."""

from typing import NamedTuple

SMALL, LARGE = 1_000, 100_000


class Page(NamedTuple):
    name: str
    path: str
    is_signed_in: bool = False  # as a member of an Enterprise client
    profiles: int = LARGE
    most_cpu: float | None = None  # times hello
    most_queries: int | None = None


HELLO = Page("hello", "/hello/")
HELLO_SMALL = Page("hello, 1,000 profiles", "/hello/", profiles=SMALL)
VISITOR = Page("profile, visitor", "/freelancers/bench-freelancer/", most_cpu=12, most_queries=3)
ENTERPRISE = Page("profile, Enterprise, 5 badges", VISITOR.path, is_signed_in=True, most_cpu=30, most_queries=7)
PLAIN = Page("the same, none", "/freelancers/bench-plain/", is_signed_in=True)
UNLOGGED = Page("five badges, no log", f"/unlogged{VISITOR.path}", is_signed_in=True)
TALENT_SMALL = Page("/talent/, 1,000 profiles", "/talent/", profiles=SMALL)
TALENT = Page("/talent/, 100,000 profiles", "/talent/", most_cpu=40)
HOME = Page("start page, visitor", "/")
SIGN_IN = Page("sign-in page", "/accounts/login/")

PAGES = [HELLO, VISITOR, ENTERPRISE, UNLOGGED, PLAIN, TALENT, HOME, SIGN_IN, HELLO_SMALL, TALENT_SMALL]
RAIL_MOST_CPU, RAIL_MOST_QUERIES = 1.15, 1
LOG_MOST_CPU = 1.10
TALENT_GROWTH = 1.5
