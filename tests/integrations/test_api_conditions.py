"""A program changes only what it has read: two writers at once lose nothing (If-Match)."""

from contextlib import suppress
from threading import Barrier, BrokenBarrierError, Thread

import pytest

from integrations.api.problems import Problem
from sourcing import shortlists
from sourcing.models import Shortlist
from tests.factories import ClientMembershipFactory, ProfileFactory, TalkInvitationFactory
from tests.integrations.programs import Program, admin_of
from tests.integrations.test_api import problem
from tests.site import in_thread, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return Program(admin_of())


@pytest.fixture
def held(program):
    """A shortlist with one profile."""
    held = Shortlist.objects.create(client=program.client, name="Bids")
    held.entries.create(profile=ProfileFactory())
    return held


@pytest.fixture
def profile():
    return ProfileFactory()


def etag(program, held):
    return program.get(f"/shortlists/{held.key}")["ETag"]


def add(program, held, profile, **headers):
    return program.send("PUT", f"/shortlists/{held.key}/entries/freelancer/{profile.slug}", **headers)


def remove(program, held, profile, **headers):
    return program.send("DELETE", f"/shortlists/{held.key}/entries/freelancer/{profile.slug}", **headers)


def members(held):
    return set(held.entries.kept().values_list("profile__slug", flat=True))


def test_a_list_that_is_as_it_was_read_is_changed(program, held, profile):
    added = add(program, held, profile, if_match=etag(program, held))
    removed = remove(program, held, profile, if_match=f'"other", {etag(program, held)}')

    assert (added.status_code, removed.status_code) == (200, 200)
    assert removed["ETag"] == etag(program, held)  # so the next change needs no GET
    assert add(program, held, profile, if_match="*").status_code == 200


CHANGES = {
    "add": lambda held: held.entries.create(profile=ProfileFactory()),
    "remove": lambda held: held.entries.all().remove(),
    "replace": lambda held: (held.entries.all().remove(), held.entries.create(profile=ProfileFactory())),
    "note": lambda held: held.entries.get().write_note(
        "Call in March", by=held.client.memberships.get().user, version=0
    ),
    "rename": lambda held: held.rename("Autumn bids", was="Bids"),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("write", [add, remove])
def test_a_list_that_someone_changed_meanwhile_is_not(program, held, write, change):
    read = etag(program, held)
    entry = held.entries.get()
    profile = entry.profile if write is remove else ProfileFactory()
    CHANGES[change](held)
    before = members(held)

    response = write(program, held, profile, if_match=read)

    assert problem(response) == Problem.CHANGED
    assert members(held) == before
    assert write(program, held, profile).status_code == 200  # without the header it is done


@pytest.mark.parametrize("named", ["", "W/{}", '"a"', "a", "{"])
def test_what_is_no_etag_of_it_is_not_matched(program, held, profile, named):
    response = add(program, held, profile, if_match=named.replace("{}", etag(program, held)))

    assert problem(response) == Problem.CHANGED
    assert members(held) == {held.entries.get().profile.slug}


def test_an_invitation_that_was_answered_meanwhile_is_told(program):
    sent = TalkInvitationFactory(client=program.client)
    path = f"/invitations/{sent.pk}"
    read = program.get(path)["ETag"]
    sent.respond("accepted", by=person())

    assert problem(program.send("DELETE", path, if_match=read)) == Problem.CHANGED
    assert program.send("DELETE", path, if_match=program.get(path)["ETag"]).json()["state"]["code"] == "accepted"


def test_reading_with_a_condition_that_fails_is_told_like_all_errors(program, held):
    assert problem(program.get(f"/shortlists/{held.key}", if_match='"a"')) == Problem.CHANGED


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_two_writers_at_once_one_wins(program, held, monkeypatch):
    """Without a lock, both would find the list as they read it, and write."""
    colleague = ClientMembershipFactory(user=person(), client=program.client, role="admin").user
    programs, profiles = [program, Program(colleague)], [ProfileFactory(), ProfileFactory()]
    read = etag(program, held)
    before = members(held)
    both, add_entry = Barrier(2), shortlists.add

    def add_slowly(*args, **kwargs):
        with suppress(BrokenBarrierError):
            both.wait(timeout=0.3)  # for another one that is as far
        return add_entry(*args, **kwargs)

    monkeypatch.setattr(shortlists, "add", add_slowly)
    answers = {}

    def write(program, profile):
        answers[profile.slug] = add(program, held, profile, if_match=read).status_code

    threads = [Thread(target=in_thread(write), args=pair) for pair in zip(programs, profiles, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers.values()) == [200, 412]
    assert members(held) == before | {slug for slug, status in answers.items() if status == 200}
