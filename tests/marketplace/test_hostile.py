"""Whatever anybody sends, to whatever field of whatever form, nothing is answered with 500.

HOSTILE_REQUESTS=24000 makes so many random requests for each kind of person, HOSTILE_SEED=n others than the usual ones.
"""

import os
import random

import pytest
from django.contrib.auth.models import Permission

from tests.hostile import Hostile
from tests.site import Site, client_person, staff

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

REQUESTS = int(os.environ.get("HOSTILE_REQUESTS", "40"))
SEED = os.environ.get("HOSTILE_SEED", "17")
PEOPLE = {
    "visitor": lambda site: None,
    "freelancer": lambda site: site.owner,
    "agency admin": lambda site: site.agency_owner,
    "client admin": lambda site: site.client_admin,
    "member of a Basic client": lambda site: client_person("basic"),
    "reader": lambda site: staff(*Permission.objects.filter(codename__startswith="view_")),
    "superuser": lambda site: site.root,
}


def test_nothing_that_anyone_sends_is_answered_with_500(settings):
    settings.ACCOUNT_RATE_LIMITS = False
    site = Site()
    site.add_certifications()
    failures, tried = [], set()
    for person, user in PEOPLE.items():
        hostile = Hostile(user(site), random.Random(f"{SEED} {person}"))
        forms, asked, paths = hostile.look_round(site.paths())
        assert forms
        # What is sent to a form by POST does the same for all who may send it: the first of them tries it.
        new = [form for form in forms if form.method == "GET" or form.shape not in tried]
        tried |= {form.shape for form in new}

        hostile.every_field(new)
        hostile.broken_bodies(new)
        hostile.at_random(forms, asked, paths, REQUESTS)

        failures += [f"{person}: {failure}" for failure in hostile.failures]

    assert failures == []


def test_a_document_whose_file_is_gone_is_not_found(client):
    site = Site()
    [document, *_] = [record.documents.first() for record in site.add_certifications()]
    client.force_login(site.owner)
    document.file.storage.delete(document.file.name)

    assert client.get(document.get_absolute_url()).status_code == 404
    assert client.get(f"{document.get_absolute_url()}pages/1/").status_code == 404
