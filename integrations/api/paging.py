"""Pages of a list, by cursors that say nothing and that no one else can make."""

import base64
import binascii
import json
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from typing import Annotated, Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from ninja import Query, Schema
from pydantic import Field

from common.mail.letters import absolute
from integrations.api.auth import caller_of
from integrations.api.problems import Fault, Problem, Refused

MOST = 200
BY_DEFAULT = 50
LOOKED_AT = 2_000  # rows at most, for a page of those that `walk` picks
FIRST_LOOKED_AT = 4  # times the limit of the page: mostly enough for one


class Paged(Schema):
    """The parameters of every list."""

    limit: Annotated[int, Field(ge=1, le=MOST, description=f"How many results a page has at most, up to {MOST}.")] = (
        BY_DEFAULT
    )
    cursor: Annotated[
        str, Field(max_length=1000, description="The position in the list. Take it from `next` or `previous`.")
    ] = ""


class Page[Item](Schema):
    """A page of a list. A page can have fewer results than the limit, even none: go on while there is a `next`."""

    results: list[Item]
    next: Annotated[str | None, Field(description="The address of the next page. Null on the last.", examples=[None])]
    previous: Annotated[str | None, Field(description="Of the page before. Null on the first.", examples=[None])]


class Slice[Row](NamedTuple):
    """The rows of a page (or their keys), and the addresses of the pages around it."""

    rows: list[Row]
    next: str | None
    previous: str | None

    def page[Item](self, results: list[Item]) -> Page[Item]:
        """Return the page with what is made of its rows."""
        return Page(results=results, next=self.next, previous=self.previous)


def page_of[Row: Model](request: HttpRequest, rows: QuerySet[Row], order: tuple[str, ...], asked: Paged) -> Slice[Row]:
    """Return a page of `rows` in the ascending `order` of some fields, which together tell rows apart. One query."""
    is_backwards, values = position_of(request, asked.cursor, len(order)) if asked.cursor else (False, [])
    if values:
        rows = rows.filter(_beyond(order, values, "lt" if is_backwards else "gt"))
    by = [f"-{name}" for name in order] if is_backwards else list(order)
    found = list(rows.order_by(*by)[: asked.limit + 1])
    has_more, found = len(found) > asked.limit, found[: asked.limit]
    if is_backwards:
        found.reverse()

    def at(row: Row, *, backwards: bool) -> str:
        return address_of(request, [backwards, [getattr(row, name) for name in order]])

    has_next = bool(found) and (has_more or is_backwards)
    has_previous = bool(found) and bool(values) and (has_more or not is_backwards)
    return Slice(
        found,
        at(found[-1], backwards=False) if has_next else None,
        at(found[0], backwards=True) if has_previous else None,
    )


def walk[Row: Model](
    request: HttpRequest,
    rows: QuerySet[Row],
    pick: Callable[[list[int]], Collection[int]],
    asked: Paged,
    *,
    known: Callable[[list[int]], Collection[int]] = set,
) -> Slice[int]:
    """Return the keys of a page of those of `rows` that `pick` returns of the keys that it is given, by key.

    Each page looks at LOOKED_AT rows at most, and then ends, even if none was picked. So it costs the same however many
    rows there are, and however few are picked. Where it ends tells of rows that were not picked: `known` returns those
    of the keys it is given that the client may know of, and the others are passed over. `pick` is called twice at most.
    """
    is_backwards, [start] = position_of(request, asked.cursor, 1) if asked.cursor else (False, [None])
    first = min(FIRST_LOOKED_AT * asked.limit, LOOKED_AT)
    ahead_of = _keys_from(rows, start, is_backwards, known, first + 1)
    keys: list[int] = []
    picked: list[int] = []
    for count in (first, LOOKED_AT - first):
        looked_at = list(islice(ahead_of, count))
        keys += looked_at
        picked += sorted(pick(looked_at), reverse=is_backwards)
        if len(picked) > asked.limit:
            break
    found = picked[: asked.limit]
    if len(picked) > len(found):
        ahead = found[-1]
    elif next(ahead_of, None) is not None:
        ahead = keys[-1]
    else:
        ahead = None
    behind = keys[0] if keys and start is not None else None
    before, after = (ahead, behind) if is_backwards else (behind, ahead)
    return Slice(
        sorted(found),
        address_of(request, [False, [after]]) if after is not None else None,
        address_of(request, [True, [before]]) if before is not None else None,
    )


def _keys_from(
    rows: QuerySet, start: int | None, is_backwards: bool, known: Callable[[list[int]], Collection[int]], size: int
) -> Iterator[int]:
    """The keys of rows beyond `start` that the client may know of. `size` rows are read first, then more at a time.

    The rule is put to rows by their keys: the database cannot tell how many rows it shows, and would read them all.
    """
    order = "-pk" if is_backwards else "pk"
    while True:
        beyond = rows if start is None else rows.filter(_beyond(("pk",), [start], "lt" if is_backwards else "gt"))
        keys = list(beyond.order_by(order).values_list("pk", flat=True)[:size])
        if keys:
            may_know = known(keys)
            yield from (key for key in keys if key in may_know)
        if len(keys) < size:
            return
        start, size = keys[-1], LOOKED_AT


def _beyond(order: tuple[str, ...], values: list[Any], lookup: str) -> Q:
    """Return the condition for rows that come after (or before) the one with these values."""
    [name, *rest], [value, *others] = order, values
    ahead = Q(**{f"{name}__{lookup}": value})
    return ahead | (Q(**{name: value}) & _beyond(tuple(rest), others, lookup)) if rest else ahead


def address_of(request: HttpRequest, position: list[Any]) -> str:
    """Return the address of the page at a position in the list that `request` asked for."""
    query = request.GET.copy()
    query["cursor"] = _sealed(request, json.dumps(position, default=lambda value: value.isoformat()))
    return absolute(f"{request.path}?{query.urlencode()}")


# A position is sealed for one client and one list, and the same position is always the same text: so answers that
# are alike are alike in each byte, and a program can ask whether they are (If-None-Match).


def _about(request: HttpRequest) -> list[bytes]:
    return [f"{caller_of(request).client_pk}".encode(), request.path.encode()]


def _keys() -> list[AESSIV]:
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    digests: list[Callable[[], bytes]] = [
        salted_hmac("integrations.api.paging", "", secret, algorithm="sha512").digest for secret in secrets
    ]
    return [AESSIV(digest()) for digest in digests]


def _sealed(request: HttpRequest, text: str) -> str:
    return base64.urlsafe_b64encode(_keys()[0].encrypt(text.encode(), _about(request))).decode().rstrip("=")


def position_of(request: HttpRequest, cursor: str, length: int) -> tuple[bool, list[Any]]:
    """Return the position that `cursor` says: whether it leads backwards, and the values of the row that it is at."""
    for key in _keys():
        try:
            sealed = base64.b64decode(f"{cursor}{'=' * (-len(cursor) % 4)}", altchars=b"-_", validate=True)
            is_backwards, values = json.loads(key.decrypt(sealed, _about(request)))
        except (binascii.Error, InvalidTag, ValueError):
            continue
        if len(values) == length:
            return is_backwards, values
    message = "This isn't a cursor of this list. Take the address of the next page from “next”."
    raise Refused(Problem.INVALID, faults=[Fault("/query/cursor", message)])


Asked = Query[Paged]
