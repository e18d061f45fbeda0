"""Two people, or two tabs, with the same form open."""

import pytest

from profiles.forms import DetailsForm, IntroForm, OverviewForm, SkillsForm
from profiles.models import Profile
from tests.factories import ProfileFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def profile():
    return ProfileFactory(name="Fay Freeman", headline="Books", overview="Old.", skills=["Audits", "Payroll"])


def sent(form_class, profile, opened, **values):
    """The form as it is sent: what it was opened with, and what was typed into it since."""
    fields = {name: opened[name].value() for name in opened.fields if name != "remove"}
    fields = {name: opened.fields[name].prepare_value(value) or "" for name, value in fields.items()}
    return form_class({**fields, **values}, instance=Profile.objects.get(pk=profile.pk))


def test_a_field_that_only_the_other_person_changed_is_taken_over(profile):
    opened = IntroForm(instance=profile)
    Profile.objects.update(name="Fay F. Freeman")

    form = sent(IntroForm, profile, opened, headline="Audits")

    assert form.is_valid()
    saved = form.save()
    assert (saved.name, saved.headline) == ("Fay F. Freeman", "Audits")
    assert form.taken_over_labels == ["Name"]


def test_a_field_that_both_changed_is_saved_only_when_sent_again(profile):
    opened = OverviewForm(instance=profile)
    Profile.objects.update(overview="Theirs.")

    form = sent(OverviewForm, profile, opened, overview="Mine.")
    assert form.errors == {
        "overview": [
            "Someone else changed this while you were editing. It now says “Theirs.”. Save again to keep yours."
        ]
    }
    assert form["overview"].value() == "Mine."
    again = sent(OverviewForm, profile, form)
    assert again.is_valid()
    assert again.save().overview == "Mine."


def test_seeing_one_conflict_hides_no_later_one(profile):
    opened = OverviewForm(instance=profile)
    Profile.objects.update(overview="Theirs.")
    form = sent(OverviewForm, profile, opened, overview="Mine.")
    assert not form.is_valid()
    Profile.objects.update(overview="Theirs again.")

    again = sent(OverviewForm, profile, form)

    assert "Theirs again." in again.errors["overview"][0]


def test_a_value_that_was_taken_over_stays_after_a_mistake_elsewhere(profile):
    opened = IntroForm(instance=profile)
    Profile.objects.update(headline="Theirs")
    form = sent(IntroForm, profile, opened, name="")
    assert not form.is_valid()

    again = sent(IntroForm, profile, form, name="Fay")

    assert again.is_valid()
    assert (again.save().headline, again.instance.name) == ("Theirs", "Fay")


@pytest.mark.parametrize(
    ("form_class", "theirs", "mine", "told"),
    [
        (SkillsForm, {"skills": ["Tax"]}, {"skills": "Audits"}, "It now says “Tax”"),
        (SkillsForm, {"skills": []}, {"skills": "Audits"}, "It is empty now"),
        (DetailsForm, {"state": "TX"}, {"state": "CA"}, "It now says “Texas”"),
        (DetailsForm, {"hourly_rate": 95}, {"hourly_rate": "80"}, "It now says “95”"),
        (DetailsForm, {"time_zone": "America/Chicago"}, {"time_zone": "America/Denver"}, "It now says “"),
    ],
)
def test_a_conflict_is_explained_in_the_words_of_the_page(form_class, theirs, mine, told, profile):
    opened = form_class(instance=profile)
    Profile.objects.update(**theirs)

    form = sent(form_class, profile, opened, **mine)

    assert told in form.errors[next(iter(mine))][0]


def test_the_same_change_by_two_people_is_no_conflict(profile):
    opened = OverviewForm(instance=profile)
    Profile.objects.update(overview="Same.")

    assert sent(OverviewForm, profile, opened, overview="Same.").is_valid()


@pytest.mark.parametrize("opened", ["", "x", "x y z" * 100, "\x00"])
def test_a_form_opened_with_nonsense_asks_nothing_impossible(opened, profile):
    form = OverviewForm({"overview": "Mine.", "opened": opened}, instance=profile)

    form.is_valid()
    assert form["overview"].value() == "Mine."


def test_a_choice_from_groups_is_named_by_its_label():
    profile = ProfileFactory(time_zone="America/New_York")
    opened = DetailsForm(instance=profile)
    Profile.objects.update(time_zone="America/Chicago")

    form = sent(DetailsForm, profile, opened, time_zone="Pacific/Honolulu")

    assert "It now says “Central Time (Chicago)”." in form.errors["time_zone"][0]


def test_a_form_for_a_new_row_was_opened_with_nothing():
    assert IntroForm(instance=Profile())["opened"].value() == ""
