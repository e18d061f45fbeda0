"""Every page of the administration opens: in each state of the roll-out, and without any data."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from certifications.models import CertificationType, Concern, Step
from certifications.rule import BY_OBSTACLE
from impact.models import Alarm
from rollout.models import RolloutPolicy
from tests.factories import (
    CaseFactory,
    CertificationFactory,
    ClientFactory,
    ConcernFactory,
    RegisterFileFactory,
    UserFactory,
)
from tests.in_force import with_status
from tests.site import Site, held_out_person, roll_out, sign_in, staff
from tests.states import STATES
from verification.models import Case, Register, RegisterFile
from verification.registers import comparing
from verification.registers.survey import Survey

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("sessions_in_memory")]


def planned_stop():
    policy = RolloutPolicy(is_paused=True, reason="At year's end.", starts_at=timezone.now() + timedelta(days=9))
    policy.propose(by=UserFactory())


def stopped_by_an_alarm():
    type = CertificationType.objects.order_by("pk").first()
    assert RolloutPolicy.stop_type(type.pk, reason="The monitor found harm.")
    week = timezone.now().date()
    fields = {"type": type, "week": week, "words": "Owners who hid it: 40.", "has_stopped_type": True}
    Alarm.objects.create(about="hidden", **fields)
    Alarm.objects.create(about="declined", closed_at=timezone.now(), note="A newsletter asked for it.", **fields)


def waiting_for_a_second_person():
    RolloutPolicy(plans=["plus", "business", "enterprise"], reason="More clients.").propose(by=UserFactory())


ROLLOUTS = {
    "ordinary": lambda: None,
    "nobody": lambda: roll_out(plans=[]),
    "stopped": lambda: roll_out(is_paused=True),
    "type stopped by staff": lambda: roll_out(
        paused_types=[CertificationType.objects.order_by("pk").values_list("pk", flat=True)[0]]
    ),
    "type stopped by an alarm": stopped_by_an_alarm,
    "held out": held_out_person,
    "planned stop": planned_stop,
    "waiting for a second person": waiting_for_a_second_person,
}


def pages():
    """The addresses of the administration: lists, forms to add, and each page of the first row."""
    yield from (reverse("admin:index"), reverse("admin:password_change"))
    yield from {reverse("admin:app_list", args=[model._meta.app_label]) for model in admin.site._registry}
    for model, model_admin in admin.site._registry.items():
        keys = list(model._default_manager.order_by("pk").values_list("pk", flat=True)[:1])
        for pattern in model_admin.urls:
            if pattern.name is None:
                continue
            names = list(pattern.pattern.converters)
            for key in keys if names else [None]:
                yield reverse(f"admin:{pattern.name}", args=[key] if names else [])


def failures(user, addresses):
    """The addresses that do not open, with what became of them. What refuses a GET, or leads elsewhere, is fine."""
    browser = Browser(raise_request_exception=False)
    sign_in(browser, user, again=True)
    found = {}
    opened = 0
    for address in addresses:
        response = browser.get(address)
        response.getvalue()
        opened += response.status_code == 200
        if response.status_code not in {200, 302, 403, 404, 405}:
            found[address] = response.status_code
    assert opened > 20
    return found


def rows_in_every_state(record):
    """Each kind of case and concern there is about `record`, of register files, and what is in force."""
    yield CaseFactory(certification=record)
    for outcome in Case.Outcome:
        against = {"reason": "not_found"} if outcome in {Case.Outcome.REFUSED, Case.Outcome.SUSPENDED} else {}
        raised = {"step": Step.DOCUMENT} if outcome == Case.Outcome.RAISED else {}
        yield CaseFactory(certification=record, outcome=outcome, **against, **raised)
    about = {"profile": record.profile, "reporter": UserFactory(), "client": ClientFactory()}
    yield ConcernFactory(certification=record, **about)
    yield ConcernFactory(**about)  # whose record is gone
    for outcome in Concern.Outcome:
        yield ConcernFactory(certification=record, outcome=outcome, closed_at=timezone.now(), **about)
    then = {name: timezone.now() for name in ("loaded_at", "taken_back_at")}
    known: dict[str, dict] = {
        RegisterFile.State.LOADED: then | {"taken_back_at": None},
        RegisterFile.State.REPLACED: then | {"taken_back_at": None},
        RegisterFile.State.TAKEN_BACK: then,
        RegisterFile.State.FAILED: {"error": "It holds no table."},
    }
    for state in RegisterFile.State:
        is_ready = state == RegisterFile.State.READY
        file = RegisterFileFactory(state=state, ready=is_ready, **known.get(state, {}))
        if state == RegisterFile.State.STORED:
            file.comparison = comparing.compare(file, untyped=0, survey=Survey())
            file.save()
        yield file
    yield from RolloutPolicy.objects.all()


def addresses_of(rows):
    """The list, the page and the history of each row."""
    found = []
    for row in rows:
        names = f"admin:{row._meta.app_label}_{row._meta.model_name}"
        found.append(reverse(f"{names}_changelist"))
        found += [reverse(f"{names}_{page}", args=[row.pk]) for page in ("change", "history")]
    return list(dict.fromkeys(found))


def reasons():
    return set(with_status().values_list("unseen_because", flat=True))


def test_the_administration_opens_for_rows_in_every_state():
    root = staff(is_superuser=True)
    type_stopped = CertificationFactory()
    records = [type_stopped, *(CertificationFactory(**fields) for fields, _ in STATES.values())]
    roll_out(plans=["business"], paused_types=[type_stopped.type_id])
    while_shown = reasons()
    assert failures(root, addresses_of([*records, *rows_in_every_state(records[1])])) == {}

    roll_out(plans=["business"], is_paused=True)
    assert while_shown | reasons() == {*BY_OBSTACLE, ""}
    assert failures(root, addresses_of(records[:12])) == {}


@pytest.mark.parametrize("state", ROLLOUTS)
def test_the_administration_opens_in_every_state_of_the_roll_out(state):
    site = Site()
    site.add_certifications()
    ROLLOUTS[state]()

    assert failures(site.root, pages()) == {}


def test_the_administration_opens_without_any_data():
    CertificationType.objects.all().delete()
    Register.objects.all().delete()

    assert failures(staff(is_superuser=True), pages()) == {}
