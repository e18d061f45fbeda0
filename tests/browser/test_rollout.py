"""The roll-out in a browser: two people widen it, one stops it, and clients feel it on their next page."""

import pytest
from django.contrib.auth.models import Permission
from playwright.sync_api import expect

from impact import alarms, simulation, tallies
from rollout.models import RolloutPolicy
from tests.factories import CertificateFactory, CertificationFactory, CertificationTypeFactory
from tests.site import client_person, held_out_person, roll_out, staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

POLICIES = "/admin/rollout/rolloutpolicy/"


def decider(name):
    names = ["add_rolloutpolicy", "view_rolloutpolicy"]
    return staff(*Permission.objects.filter(codename__in=names), name=name)


def test_one_person_stops_everything_and_two_show_it_again(visit, assert_accessible):
    record = CertificationFactory()
    profile = record.profile.get_absolute_url()
    client = visit(client_person("enterprise"))
    client.goto(profile)
    client.get_by_text(record.type.name).first.wait_for()

    ada = visit(decider("Ada"))
    ada.goto(POLICIES)
    ada.get_by_role("link", name="Stop showing certifications…").click()
    ada.get_by_label("Reason").wait_for()
    assert_accessible(ada)
    ada.get_by_role("button", name="Stop showing certifications").click()
    ada.get_by_text("Enter the reason for stopping").wait_for()
    ada.get_by_label("Reason").fill("A client complained of misuse.")
    ada.get_by_role("button", name="Stop showing certifications").click()
    ada.get_by_text("Stopped. No client sees certifications now.").wait_for()
    assert_accessible(ada)

    client.reload()
    assert record.type.name not in client.content()

    ada.get_by_role("link", name="Change the roll-out").click()
    ada.get_by_label("Stop showing certifications").uncheck()
    ada.get_by_label("Reason").fill("It was a mistake.")
    ada.get_by_role("button", name="Continue").click()
    ada.get_by_role("heading", name="Check this change").wait_for()
    assert_accessible(ada)
    ada.get_by_role("button", name="Send for approval").click()
    ada.get_by_text("so another person must approve it").first.wait_for()
    client.reload()
    assert record.type.name not in client.content()

    ben = visit(decider("Ben"), width=390, scheme="dark")
    ben.goto(POLICIES)
    ben.get_by_text("It was a mistake.").first.wait_for()
    assert_accessible(ben)
    ben.get_by_role("button", name="Approve").first.click()
    ben.get_by_text("Approved.").first.wait_for()
    assert_accessible(ben)

    client.reload()
    client.get_by_text(record.type.name).first.wait_for()
    assert RolloutPolicy.objects.count() == 2


def test_a_held_out_client_sees_no_badge_and_no_search_and_is_told(visit, assert_accessible):
    record = CertificationFactory()
    page = visit(held_out_person(), width=390, scheme="dark")

    page.goto("/")
    page.get_by_text("Certification badges are coming to clients step by step.").wait_for()
    expect(page.get_by_role("link", name="Sourcing")).to_have_count(0)
    assert_accessible(page)
    page.goto(record.profile.get_absolute_url())
    assert record.number not in page.content()


def test_staff_read_the_monitor_decide_about_an_alarm_and_the_public_reads_its_page(visit, assert_accessible):
    certificate = CertificateFactory(type=CertificationTypeFactory(name="Woman-owned"))
    for _ in range(14):
        CertificationFactory(certificate=certificate)
    simulation.simulate(effect=0.6, ended_early=0.6, clients=400, weeks=20)
    alarms.raise_due(tallies.last_week())
    names = ["view_tally", "view_alarm", "close_alarm"]
    page = visit(staff(*Permission.objects.filter(codename__in=names)))

    page.goto("/admin/impact/tally/")
    page.get_by_text("Alarm: Woman-owned.").wait_for()
    page.get_by_text("Show the numbers").click()
    assert_accessible(page)
    page.get_by_role("link", name="Review alarm").first.click()
    page.get_by_label("What was decided").fill("We look into the contract form.")
    page.get_by_role("button", name="Close alarm").click()
    page.get_by_text("Alarm closed.").wait_for()
    phone = visit(None, width=390, scheme="dark")
    phone.goto("/impact/")
    phone.get_by_text("What would make us stop").wait_for()
    assert_accessible(phone)
    expect(phone.locator("main")).to_contain_text("more invitations per 100 clients each week")
    roll_out(is_paused=True)
    phone.reload()
    phone.get_by_text("No one right now").wait_for()
