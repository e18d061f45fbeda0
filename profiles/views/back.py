"""Back to the page that a button stood on."""

from django.utils.http import url_has_allowed_host_and_scheme


def page_of_ours(request, target):
    """`target`, an address that somebody's browser gave, if it is a page of this site; else ""."""
    hosts, is_secure = {request.get_host()}, request.is_secure()
    return target if url_has_allowed_host_and_scheme(target, hosts, require_https=is_secure) else ""
