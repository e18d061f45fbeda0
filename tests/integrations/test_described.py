"""What tools make of the OpenAPI document: requests of all kinds, each answered as the document says."""

import os

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.generation import GenerationMode

from integrations.api import auth
from integrations.api.document import document
from sourcing import shortlists
from sourcing.models import Shortlist
from tests.factories import CertificationFactory, EvidenceFactory, TalkInvitationFactory
from tests.integrations.programs import Program, admin_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
EXAMPLES = int(os.environ.get("CASES", "8"))  # for each operation: valid requests, and as many others


def described():
    """The operations of the document by their ids, for the site itself."""
    loaded = schemathesis.openapi.from_dict(document())
    loaded.app = get_wsgi_application()
    found = (operation.ok() for operation in loaded.get_all_operations())
    return {operation.definition.raw["operationId"]: operation for operation in found}


OPERATIONS = described()


@pytest.fixture
def one_connection():
    """Keep the test's connection open between requests, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def program(monkeypatch, one_connection):
    """A program of a client that may be shown things, and that asks as often as it likes."""
    monkeypatch.setattr(auth, "REQUESTS", 1_000_000)
    made = Program(admin_of())
    held = Shortlist.objects.create(client=made.client, name="Bids")
    for _ in range(3):
        record = CertificationFactory(found=True)
        EvidenceFactory(certification=record)
        shortlists.add(held, record.profile, by=made.user)
        TalkInvitationFactory(client=made.client, profile=record.profile)
    return made


load_all_checks()
# A code that no one has heard of fits the document, and is refused.
LEFT_OUT = [CHECKS.get_one("positive_data_acceptance")]


def put(name, program, count, mode):
    """Send so many requests to an operation, valid ones or such that the document does not allow."""

    @hypothesis.settings(max_examples=count, suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(case=OPERATIONS[name].as_strategy(generation_mode=mode))
    def put_each(case):
        headers = {"Authorization": f"Bearer {program.secret}"}
        case.call_and_validate(headers=headers, excluded_checks=LEFT_OUT)

    put_each()


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_does_what_the_document_says(name, mode, program):
    put(name, program, EXAMPLES, mode)
