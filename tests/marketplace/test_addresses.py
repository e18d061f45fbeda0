"""The list of all addresses, which the sweeps of pages start from."""

import pytest

from tests import addresses
from tests.site import Site

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_each_address_is_listed_once():
    site = Site()
    site.add_certifications()

    paths = site.paths()

    assert len(paths) > 300
    assert sorted(set(paths)) == sorted(paths)


def test_an_unknown_parameter_is_refused_with_where_to_fill_it():
    route = addresses.Route("app:page", "things/<int:odd>/", frozenset({"odd"}))

    with pytest.raises(LookupError, match=r"Say in tests/addresses\.py, under .app:page."):
        addresses.paths_of(route, Site())
