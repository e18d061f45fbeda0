"""Redirects, which only ever lead to a page of this site."""

from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, resolve_url
from django.urls import Resolver404, resolve
from django.utils.encoding import iri_to_uri
from django.utils.http import MAX_URL_LENGTH, url_has_allowed_host_and_scheme


def page_of_ours(request: HttpRequest, address: str | None) -> str:
    """Return the path and query of `address`, which a browser sent, if it is a page of this site; else ""."""
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


def back(request: HttpRequest, fallback: Any, *args: Any) -> HttpResponseRedirect:
    """Redirect to the page that the form names as `next`, if it is one of this site; else to `fallback`."""
    return redirect(page_of_ours(request, request.POST.get("next", "")) or resolve_url(fallback, *args))


def with_query(address: str, **values: Any) -> str:
    """Return `address` with `values` in its query, replacing earlier ones of these names."""
    parts = urlsplit(address)
    query = QueryDict(parts.query, mutable=True)
    for name, value in values.items():
        query[name] = str(value)
    return urlunsplit(("", "", parts.path, query.urlencode(), parts.fragment))
