"""Where a browser is sent: only ever to a page of this site."""

from urllib.parse import unquote, urlsplit, urlunsplit

from django.http import QueryDict
from django.shortcuts import redirect, resolve_url
from django.urls import Resolver404, resolve
from django.utils.encoding import iri_to_uri
from django.utils.http import MAX_URL_LENGTH, url_has_allowed_host_and_scheme


def page_of_ours(request, address):
    """The path and query of `address`, which a browser gave, if a page of this site has it; else ""."""
    hosts = {request.get_host()}
    if not address or not url_has_allowed_host_and_scheme(address, hosts, require_https=request.is_secure()):
        return ""
    try:
        parts = urlsplit(address)
        resolve(unquote(parts.path))
    except (ValueError, Resolver404):
        return ""
    ours = urlunsplit(("", "", parts.path, parts.query, parts.fragment))
    return ours if len(iri_to_uri(ours)) <= MAX_URL_LENGTH else ""


def back(request, fallback, *args):
    """To the page that the form names as `next`, if it is one of ours; else to `fallback`, as `redirect` takes it."""
    return redirect(page_of_ours(request, request.POST.get("next", "")) or resolve_url(fallback, *args))


def with_query(address, **values):
    """`address` with `values` in its query, in place of what is there of these names."""
    parts = urlsplit(address)
    query = QueryDict(parts.query, mutable=True)
    for name, value in values.items():
        query[name] = str(value)
    return urlunsplit(("", "", parts.path, query.urlencode(), parts.fragment))
