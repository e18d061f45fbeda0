"""Profiles, the directory, and the people of agencies and clients, as they are used."""

import re
from io import BytesIO

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.utils import timezone
from PIL import Image

from common import uploads
from profiles import members, places
from profiles.models import Client, Invitation, Membership, Profile, User
from profiles.places import STATE_TIME_ZONES
from tests.factories import (
    AgencyFactory,
    ClientFactory,
    ClientMembershipFactory,
    MembershipFactory,
    ProfileFactory,
    UserFactory,
    WorkHistoryFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(client):
    user = UserFactory(name="Ines Okoro")
    client.force_login(user)
    return user


@pytest.fixture
def profile(user):
    return ProfileFactory(owner=user)


def png(size=(900, 600)):
    data = BytesIO()
    Image.new("RGB", size, "teal").save(data, "PNG")
    return SimpleUploadedFile("me.png", data.getvalue(), "image/png")


def test_a_new_person_makes_one_freelancer_profile_however_often_they_click(client, user):
    data = {"kind": "freelancer", "name": "Ines Okoro", "headline": "", "country": "US", "state": "AZ"}
    assert client.get("/profiles/new/").status_code == 200

    for _ in range(2):
        response = client.post("/profiles/new/", data)

    profile = Profile.objects.get()
    assert response.url == profile.get_absolute_url() == "/freelancers/ines-okoro/"
    assert profile.time_zone == "America/Phoenix"
    assert "parts filled in" in client.get("/").text


def test_a_us_page_names_its_state_and_another_has_none(client, user):
    data = {"kind": "agency", "name": "Ines & Co", "country": "US", "state": ""}
    assert "Select a U.S. state" in client.post("/profiles/new/", data).text

    client.post("/profiles/new/", data | {"country": "PT", "state": "AZ"})

    assert Profile.objects.get().state == ""


@pytest.mark.parametrize(
    ("section", "typed", "stored"),
    [
        ("intro", {"name": "Ines O.", "headline": "Editor"}, {"name": "Ines O.", "headline": "Editor"}),
        ("overview", {"overview": "I edit."}, {"overview": "I edit."}),
        ("skills", {"skills": "Editing, editing ,Proof reading"}, {"skills": ["Editing", "Proof reading"]}),
        (
            "details",
            {
                "hourly_rate": "55",
                "languages": "English",
                "country": "US",
                "state": "NY",
                "time_zone": "America/Chicago",
            },
            {"hourly_rate": 55, "time_zone": "America/Chicago"},
        ),
    ],
)
def test_a_section_is_edited_where_it_stands(client, profile, section, typed, stored):
    url = f"{profile.get_absolute_url()}edit/{section}/"
    part = client.get(url, headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert "<html" in client.get(url).text

    assert client.post(url, typed).url == profile.get_absolute_url()
    saved = client.post(url, typed, headers={"HX-Request": "true"})
    assert " saved" in saved.text
    assert "<html" not in saved.text
    assert "<form" not in client.get(f"{url}?cancel", headers={"HX-Request": "true"}).text

    profile.refresh_from_db()
    assert {name: getattr(profile, name) for name in stored} == stored


@pytest.mark.parametrize(
    ("section", "typed", "words"),
    [
        ("intro", {"name": ""}, "Enter the name"),
        ("skills", {"skills": ",".join(map(str, range(40)))}, "Enter 30 at most"),
        ("skills", {"skills": "x" * 51}, "is too long"),
        (
            "details",
            {"hourly_rate": "0", "country": "US", "state": "", "time_zone": "Mars/Base"},
            "Select a U.S. state",
        ),
        ("details", {"hourly_rate": "0"}, "Enter a rate of at least $1"),
        ("details", {"hourly_rate": "cheap"}, "Enter an amount in U.S. dollars, like 85 or 1,200"),
        ("intro", {"name": "x" * 101}, "Use at most 100 characters. You entered 101."),
        ("overview", {"overview": "one\ntwo\x00"}, "Line 2 has a character that can&#x27;t be kept, after “two”."),
    ],
)
def test_a_mistake_in_a_section_is_told_and_stores_nothing(client, profile, section, typed, words):
    response = client.post(f"{profile.get_absolute_url()}edit/{section}/", typed)

    assert words in response.text
    assert Profile.objects.get().name == profile.name


def test_a_forbidden_character_is_told_once(client, profile):
    page = client.post(f"{profile.get_absolute_url()}edit/intro/", {"name": "Fay\x00"})

    assert page.context["form"].errors["name"] == [
        "This has a character that can't be kept, after “Fay”. Delete it and type it again."
    ]


@pytest.mark.parametrize(
    "pasted",
    [
        "Localization\nSpanish\nC++",
        "Localization\r\nSpanish\r\n\r\nC++",
        "• Localization\n• Spanish\n• C++",
        "- Localization\n- Spanish\n- C++",
        "1. Localization\n2) Spanish\n3. C++",
        "Localization\tSpanish\tC++",
        "Localization; Spanish, C++, spanish",
        "Localization\u2028Spanish\u2028\u200bC++",
    ],
)
def test_a_pasted_list_becomes_several_skills(pasted, client, profile):
    client.post(f"{profile.get_absolute_url()}edit/skills/", {"skills": pasted})

    profile.refresh_from_db()
    assert profile.skills == ["Localization", "Spanish", "C++"]


def test_a_photo_is_reencoded_served_and_removed(client, profile):
    url = f"{profile.get_absolute_url()}edit/photo/"
    client.post(url, {"photo": png()})
    profile.refresh_from_db()

    served = client.get(profile.photo_url)
    image = Image.open(BytesIO(b"".join(served.streaming_content)))
    assert (image.format, image.size, served["Content-Type"]) == ("WEBP", (400, 400), "image/webp")
    assert "immutable" in served["Cache-Control"]

    client.post(url, {"remove": "on"})
    profile.refresh_from_db()
    assert not profile.photo
    assert client.get("/photos/nothing.webp").status_code == 404


@pytest.mark.parametrize("upload", [b"%PDF-1.7\n%", b"Dear Sir,", b"<svg onload=alert(1)>", b"\x89PNG\r\n\x1a\nbroken"])
def test_a_file_that_is_no_photo_is_refused_with_the_kinds_that_are(client, profile, upload):
    response = client.post(f"{profile.get_absolute_url()}edit/photo/", {"photo": SimpleUploadedFile("x.png", upload)})

    assert "We can&#x27;t read this file as a photo. Choose a JPEG, PNG, WebP or HEIC photo." in response.text
    assert not Profile.objects.get().photo


def test_an_empty_photo_is_refused(client, profile):
    response = client.post(f"{profile.get_absolute_url()}edit/photo/", {"photo": SimpleUploadedFile("x.png", b"")})

    assert response.status_code == 200
    assert not Profile.objects.get().photo


def test_a_photo_too_large_is_refused_for_that(client, profile):
    upload = SimpleUploadedFile("x.jpg", b"\xff\xd8\xff" + b"0" * uploads.MOST)

    page = client.post(f"{profile.get_absolute_url()}edit/photo/", {"photo": upload}).text

    assert "must be 25 MB or smaller" in page
    assert "Choose a picture" not in page
    assert "(optional)" not in page


def test_work_history_is_added_changed_and_removed(client, profile):
    url = f"{profile.get_absolute_url()}history/"
    assert "be before the first" in client.post(f"{url}add/", {"title": "A", "started_in": 2020, "ended_in": 2019}).text
    client.post(f"{url}add/", {"title": "Editor", "started_in": 2020})
    position = profile.work_history.get()
    client.post(f"{url}{position.pk}/", {"title": "Chief editor", "started_in": 2020})
    assert "Chief editor" in client.get(profile.get_absolute_url()).text

    assert "be undone" in client.get(f"{url}{position.pk}/delete/").text
    client.post(f"{url}{position.pk}/delete/")

    assert not profile.work_history.exists()


def test_only_editors_edit_and_a_page_taken_down_is_gone_for_others(client, user):
    other = ProfileFactory()
    assert client.get(f"{other.get_absolute_url()}edit/intro/").status_code == 403
    assert client.get(f"{other.get_absolute_url()}edit/nothing/").status_code == 403
    Profile.objects.update(is_active=False)
    assert client.get(other.get_absolute_url()).status_code == 404
    assert client.get(f"{other.get_absolute_url()}edit/intro/").status_code == 404


def test_an_unknown_section_does_not_exist(client, profile):
    assert client.get(f"{profile.get_absolute_url()}edit/nothing/").status_code == 404


@pytest.mark.parametrize("count", [1, 4])
def test_pages_take_the_same_queries_whatever_their_length(client, count, django_assert_num_queries):
    agency = AgencyFactory()
    for _ in range(count):
        WorkHistoryFactory(profile=agency)
        MembershipFactory(profile=agency, user=ProfileFactory(owner=UserFactory()).users.get())
    with django_assert_num_queries(3):
        page = client.get(agency.get_absolute_url())
    assert page.text.count('class="person"') == count
    with django_assert_num_queries(2):
        client.get("/talent/")


def test_words_find_profiles_by_their_beginning_in_name_headline_and_skills(client):
    found = ProfileFactory(name="Amara Obi", headline="Year-end accounts", skills=["Bookkeeping", "QuickBooks"])
    ProfileFactory(name="Someone Else", headline="Plumber")

    for words in ("amara", "obi quickb", "year-end", "BOOKKEEP"):
        listed = client.get("/talent/", {"q": words}).context["profiles"]
        assert [profile.pk for profile in listed] == [found.pk]


def test_words_too_long_to_search_for_are_told_and_not_cut(client):
    for path in ("/", "/talent/"):
        assert 'name="q"' in client.get(path).text
        assert "maxlength" not in client.get(path).text
    assert "at most 100 characters" in client.get("/talent/", {"q": "a" * 101}).text


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("Pena", ["Ana Pena", "José Peña"]),
        ("peña", ["Ana Pena", "José Peña"]),
        ("Jose\u0301", ["José Peña"]),
        ("OBrien", ["Kim OBrien", "Pat O'Brien", "Sam O’Brien"]),
        ("o'brien", ["Kim OBrien", "Pat O'Brien", "Sam O’Brien"]),
        ("O’BRIEN", ["Kim OBrien", "Pat O'Brien", "Sam O’Brien"]),
        ("brien", ["Pat O'Brien", "Sam O’Brien"]),
        ("coop", ["Co-op Bakers", "Coop Works"]),
        ("co-op", ["Co-op Bakers", "Coop Works"]),
        ("lukasz", ["Łukasz Nowak"]),
        ("ŁUKASZ", ["Łukasz Nowak"]),
        ("Dang", ["Đặng Nail Supply"]),
        ("strasse", ["Straße & Söhne"]),
        ("sohne", ["Straße & Söhne"]),
        ("soehne", ["Straße & Söhne", "Voss und Soehne"]),
        ("Söhne", ["Straße & Söhne", "Voss und Soehne"]),
        ("ivan", ["Иван Жуков"]),
        ("жуков", ["Иван Жуков"]),
        ("山田", ["山田太郎"]),
        ("हिन्दी", ["हिन्दी अनुवाद"]),
        ("nodejs", ["Zed Null"]),
        ("node.js", ["Zed Null"]),
    ],
)
def test_accents_apostrophes_and_hyphens_do_not_matter(typed, names, client):
    for name in (
        "Ana Pena", "José Peña", "Kim OBrien", "Pat O'Brien", "Sam O’Brien", "Co-op Bakers", "Coop Works",
        "Łukasz Nowak", "Đặng Nail Supply", "Straße & Söhne", "Voss und Soehne", "Иван Жуков", "山田太郎",
        "हिन्दी अनुवाद",
    ):  # fmt: skip
        ProfileFactory(name=name, headline="", skills=[])
    ProfileFactory(name="Zed Null", headline="", skills=["Node.js"])

    listed = client.get("/talent/", {"q": typed}).context["profiles"]

    assert sorted(profile.name for profile in listed) == names


def test_the_directory_narrows_by_kind_place_and_rate(client):
    found = AgencyFactory(hourly_rate=80, state="TX")
    ProfileFactory(hourly_rate=200, state="NY")

    for query in ({"kind": "agency"}, {"state": "TX"}, {"rate_to": 100}, {"rate_from": 50, "rate_to": 90}):
        assert [p.pk for p in client.get("/talent/", query).context["profiles"]] == [found.pk]
    assert "No results match" in client.get("/talent/", {"country": "PT"}).text
    assert "<html" not in client.get("/talent/", headers={"HX-Request": "true"}).text


def test_every_profile_is_on_one_page_of_the_directory_and_pages_go_back(client):
    everybody = [ProfileFactory().pk for _ in range(45)]
    seen, query = [], {}
    while True:
        context = client.get("/talent/", query).context
        seen += [profile.pk for profile in context["profiles"]]
        if context["older"] is None:
            break
        query = {"after": context["older"]}
    assert seen == everybody[::-1]

    back = client.get("/talent/", {"before": context["newer"]}).context
    assert [profile.pk for profile in back["profiles"]] == seen[20:40]
    assert client.get("/talent/", {"after": 0}).context["newer"] is None


@pytest.mark.parametrize(
    "query",
    ["q=%00", "q=%ff%fe", "rate_from=x", "after=x", "after=99999999999999999999", "kind=x", "state=%00", "q=*:&!"],
)
def test_nonsense_in_the_directorys_address_breaks_nothing(client, query):
    assert client.get(f"/talent/?{query}").status_code == 200


def test_an_invitation_by_mail_makes_a_member_once(client, user, django_capture_on_commit_callbacks):
    agency = AgencyFactory(owner=user)
    url = f"{agency.get_absolute_url()}members/"
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url, {"email": "New@example.test", "role": "member"})
    link = re.search(r"http://127.0.0.1:8000(/invitations/\S+)", str(mail.outbox[0].body)).group(1)
    assert "already invited this person" in client.post(url, {"email": "new@example.test", "role": "member"}).text
    client.force_login(UserFactory())
    assert "different email address" in client.get(link).text
    assert client.post(link).status_code == 403
    invited = UserFactory(email="new@example.test")
    client.force_login(invited)
    assert client.post(link).status_code == 403  # the address is not proven to be theirs yet
    EmailAddress.objects.create(user=invited, email=invited.email, verified=True, primary=True)
    assert agency.name in client.get("/").text

    for _ in range(2):
        assert client.post(link).url == agency.get_absolute_url()

    assert agency.memberships.get(user=invited).role == "member"
    assert client.get("/invitations/forged/").status_code == 404
    client.force_login(user)
    assert "already a member" in client.post(url, {"email": "new@example.test", "role": "member"}).text


def test_an_invitation_can_be_withdrawn_once(client, user):
    agency = AgencyFactory(owner=user)
    invitation = Invitation.objects.create(profile=agency, email="a@example.test", role="member", invited_by=user)
    url = f"{agency.get_absolute_url()}members/invitations/{invitation.pk}/withdraw/"

    assert "canceled" in client.post(url, follow=True).text
    assert client.post(url).status_code == 404


def test_an_invitation_can_be_sent_again_and_a_withdrawn_one_is_over(client, user, django_capture_on_commit_callbacks):
    agency = AgencyFactory(owner=user)
    invitation = Invitation.objects.create(profile=agency, email=user.email, role="member", invited_by=user)
    url = f"{agency.get_absolute_url()}members/invitations/{invitation.pk}/"
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{url}resend/")
    assert mail.outbox[0].to == [user.email]
    client.post(f"{url}withdraw/")
    client.force_login(UserFactory())

    assert client.get(invitation.get_absolute_url()).status_code == 404


def test_invitations_are_limited(client, user, settings):
    settings.ACCOUNT_RATE_LIMITS = {"invite": "1/h/user"}
    url = f"{AgencyFactory(owner=user).get_absolute_url()}members/"

    answers = [client.post(url, {"email": f"{n}@example.test", "role": "member"}) for n in range(2)]

    assert answers[0].status_code == 302
    assert "many invitations within an hour" in answers[1].text
    assert Invitation.objects.count() == 1


def test_roles_are_changed_and_the_last_owner_stays(client, user):
    agency = AgencyFactory(owner=user)
    own = agency.memberships.get()
    other = MembershipFactory(profile=agency)
    url = f"{agency.get_absolute_url()}members/"

    assert "needs at least one owner" in client.post(f"{url}{own.pk}/role/", {"role": "member"}, follow=True).text
    assert "needs at least one owner" in client.post(f"{url}{own.pk}/remove/", follow=True).text
    assert "Choose a role" in client.post(f"{url}{other.pk}/role/", {"role": "x"}, follow=True).text
    client.post(f"{url}{other.pk}/role/", {"role": "owner"})
    assert "Leave" in client.get(f"{url}{own.pk}/remove/").text
    client.post(f"{url}{own.pk}/remove/")

    assert list(agency.memberships.values_list("user", "role")) == [(other.user.pk, "owner")]


def test_a_role_that_cannot_be_given_is_told_beside_it_and_stays_chosen(client, user):
    agency = AgencyFactory(owner=user)
    own = agency.memberships.get()
    other = MembershipFactory(profile=agency)
    url = f"{agency.get_absolute_url()}members/"

    response = client.post(f"{url}{own.pk}/role/", {"role": "admin"})

    assert response.request["PATH_INFO"] == url  # by a GET: reload sends nothing again
    forms = {person.pk: person.role_form["role"] for person in response.context["people"]}
    words = f"{agency.name} needs at least one owner. Make someone else an owner first."
    assert {key: role.errors for key, role in forms.items()} == {own.pk: [words], other.pk: []}
    assert {key: role.value() for key, role in forms.items()} == {own.pk: "admin", other.pk: other.role}
    assert response.text.count(words) == 1
    assert own.role == "owner"


def test_a_member_may_leave_and_nothing_else(client, user):
    agency = AgencyFactory()
    owner = MembershipFactory(profile=agency, role=Membership.Role.OWNER)
    own = MembershipFactory(profile=agency, user=user)
    url = f"{agency.get_absolute_url()}members/"
    assert "Invite a teammate" not in client.get(url).text
    for path in (f"{owner.pk}/role/", f"{owner.pk}/remove/", "invitations/1/withdraw/", ""):
        assert client.post(f"{url}{path}", {"role": "member", "email": "a@b.test"}).status_code == 403
    assert client.get(f"{agency.get_absolute_url()}edit/intro/").status_code == 403

    client.post(f"{url}{own.pk}/remove/")

    assert client.get(url).status_code == 404


def test_an_admin_does_not_touch_owners(client, user):
    agency = AgencyFactory()
    owner = MembershipFactory(profile=agency, role=Membership.Role.OWNER)
    MembershipFactory(profile=agency, user=user, role=Membership.Role.ADMIN)
    member = MembershipFactory(profile=agency)
    url = f"{agency.get_absolute_url()}members/"

    assert client.post(f"{url}{owner.pk}/remove/").status_code == 403
    assert "Choose a role" in client.post(f"{url}{member.pk}/role/", {"role": "owner"}, follow=True).text
    client.post(f"{url}{member.pk}/remove/")
    assert not agency.memberships.filter(pk=member.pk).exists()


def test_a_clients_admin_looks_after_its_members(client, user):
    own = ClientMembershipFactory(user=user, role="admin")
    other = ClientMembershipFactory(client=own.client)
    url = own.client.get_absolute_url()
    assert other.user.email in client.get(url).text
    client.post(f"{url}{other.pk}/role/", {"role": "admin"})
    client.post(f"{url}{other.pk}/remove/")
    client.post(url, {"email": "new@example.test", "role": "member"})
    invitation = own.client.invitations.get()
    client.post(f"{url}invitations/{invitation.pk}/withdraw/")
    invitation.refresh_from_db()
    assert invitation.withdrawn_at
    with pytest.raises(members.LastInCharge):
        members.remove(own.client, own, by=own)
    assert client.get(ClientFactory().get_absolute_url()).status_code == 404


def test_one_acts_for_an_organization_of_ones_own_only(client, user):
    first = ClientMembershipFactory(user=user, client__name="A").client
    second = ClientMembershipFactory(user=user, client__name="B").client
    assert f'Acting for <strong translate="no">{first.name}</strong>' in client.get("/").text

    client.post("/acting-for/", {"client": second.pk, "next": "/talent/"})
    assert f'Acting for <strong translate="no">{second.name}</strong>' in client.get("/").text
    client.post("/acting-for/", {"client": ClientFactory().pk, "next": "//evil.test/"})
    assert f'Acting for <strong translate="no">{second.name}</strong>' in client.get("/").text
    client.post("/acting-for/", {"client": "0"})
    assert "Acting for <strong>myself</strong>" in client.get("/").text


def test_visitors_get_the_same_bytes_and_no_cookie(client):
    profile = ProfileFactory()
    for url in ("/", "/talent/", profile.get_absolute_url(), "/help/certifications/"):
        first, second = client.get(url), client.get(url)
        assert first.content == second.content
        assert not first.cookies
        assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 304


@pytest.mark.parametrize("values", [{"state": "NY", "country": "PT"}, {"hourly_rate": 0}, {"slug": "taken"}])
def test_the_database_refuses_what_a_profile_must_not_be(values):
    ProfileFactory(slug="taken")
    with pytest.raises(IntegrityError), transaction.atomic():
        ProfileFactory(**values)


def test_a_free_slug_is_found_for_any_name():
    ProfileFactory(slug="ines")
    assert Profile.free_slug("Ines") != "ines"
    assert Profile.free_slug("Łukasz Đặng") == "lukasz-dang"
    assert Profile.free_slug("東京") == "dongjing"
    assert Profile.free_slug("🦊") == "profile"


def test_a_body_that_cannot_be_read_is_a_bad_request_not_a_failure(client):
    charset = "application/x-www-form-urlencoded; charset=utf-16"

    response = client.generic("POST", "/accounts/login/", b"\xff\xfe=1", content_type=charset)

    assert 400 <= response.status_code < 500


@pytest.mark.parametrize("is_same_browser", [True, False])
def test_the_link_in_the_email_signs_in_only_where_the_person_signed_up(is_same_browser, client):
    data = {"name": "Ada", "email": "ada@example.test", "password1": "pass-Word-1234", "purpose": "freelancer"}
    client.post("/accounts/signup/", data)
    key = EmailConfirmationHMAC(EmailAddress.objects.get()).key

    response = (client if is_same_browser else Browser()).post(f"/accounts/confirm-email/{key}/")

    assert EmailAddress.objects.get().verified
    assert response.url == ("/profiles/new/" if is_same_browser else "/accounts/login/")
    assert ("_auth_user_id" in client.session) == is_same_browser


@pytest.mark.parametrize(("purpose", "chosen"), [("agency", "agency"), ("x", None)])
def test_sign_up_knows_from_the_welcome_page_for_what_a_person_came(purpose, chosen, client):
    assert client.get("/accounts/signup/", {"purpose": purpose}).context["form"]["purpose"].value() == chosen


def test_signing_up_keeps_name_and_purpose_and_asks_to_confirm_the_address(client, django_capture_on_commit_callbacks):
    data = {"email": "new@example.test", "password1": "a long enough passphrase", "name": "Ann", "purpose": "agency"}

    with django_capture_on_commit_callbacks(execute=True):
        response = client.post("/accounts/signup/", data)

    user = User.objects.get()
    assert response.url == "/accounts/confirm-email/"
    assert (user.name, user.purpose, user.get_full_name()) == ("Ann", "agency", "Ann")
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("code", ["PR", "GU", "VI", "AS", "MP", "UM"])
def test_a_us_territory_chosen_as_country_is_in_the_united_states(client, code):
    client.force_login(UserFactory())
    data = {"kind": "freelancer", "name": "Ana Ibáñez", "headline": "Bookkeeper"}

    client.post("/profiles/new/", data | {"country": code, "state": ""})
    profile = Profile.objects.get()
    assert (profile.country, profile.state) == ("US", code)
    assert profile.time_zone == STATE_TIME_ZONES[code]
    edited = {"country": code, "state": "NY", "time_zone": "America/New_York"}
    client.post(f"{profile.get_absolute_url()}edit/details/", edited)

    profile.refresh_from_db()
    assert (profile.country, profile.state) == ("US", code)
    assert "Add a certification" in client.get(profile.get_absolute_url()).text
    client.logout()  # whose menu names the profile
    for place in ({"country": "US"}, {"country": code}, {"country": "US", "state": code}, {"state": code}):
        assert "Ana Ibáñez" in client.get("/talent/", place).text
    for place in ({"country": "CA"}, {"country": "US", "state": "NY"}):
        assert "Ana Ibáñez" not in client.get("/talent/", place).text
    assert "t in " in client.get("/talent/", {"country": code, "state": "NY"}).text


def test_the_database_refuses_a_territory_as_a_country():
    with pytest.raises(IntegrityError), transaction.atomic():
        ProfileFactory(country="PR", state="")


def test_every_territory_is_offered_as_country_and_as_state():
    both = set(places.state_choices()) & set(places.country_choices())

    assert {code for code, _ in both} == set(places.TERRITORIES)


def test_a_new_agency_does_not_begin_with_its_founders_name(client):
    for purpose, label, own in (("agency", "Agency name", ""), ("freelancer", "Your name", "Ana Ibáñez")):
        client.force_login(UserFactory(name="Ana Ibáñez", purpose=purpose))
        name = client.get("/profiles/new/").context["form"]["name"]
        assert (name.label, name.value()) == (label, own)

    wrong = client.post("/profiles/new/", {"kind": "agency", "name": "", "country": "US", "state": "NY"})

    assert wrong.context["form"]["name"].label == "Agency name"
    assert "Enter the agency name" in wrong.text


@pytest.mark.parametrize("section", ["intro", "details", "photo"])
def test_saving_what_stands_elsewhere_on_the_page_lets_the_page_fetch_it(client, profile, section):
    data = {
        "intro": {"name": "Ines Okoro", "headline": ""},
        "details": {"country": "US", "state": "AZ", "time_zone": "America/Phoenix"},
        "photo": {"photo": png()},
    }[section]
    url = f"{profile.get_absolute_url()}edit/{section}/"

    assert client.post(url, data, headers={"HX-Request": "true"})["HX-Trigger"] == '{"profile-changed": {}}'
    assert "HX-Trigger" not in client.get(f"{url}?cancel", headers={"HX-Request": "true"})
    skills = client.post(url.replace(section, "skills"), {"skills": "Audit"}, headers={"HX-Request": "true"})
    assert "HX-Trigger" not in skills


@pytest.mark.parametrize("place", [AgencyFactory, ClientFactory])
def test_an_invitation_is_told_on_the_way_in_to_whoever_has_its_link(client, place):
    place = place(name="Bright Foods")
    where = {"client": place} if isinstance(place, Client) else {"profile": place}
    sent = Invitation.objects.create(
        email="new@example.test", role="member", invited_by=UserFactory(name="Ada Ames"), **where
    )

    told = '</span> invites you to join <strong translate="no">Bright Foods</strong> as a member'
    login = client.get(sent.get_absolute_url(), follow=True)
    assert told in login.text
    signup = client.get(login.context["signup_url"])
    assert told in signup.text
    assert "you create your profile" not in signup.text
    assert signup.context["form"]["email"].value() == "new@example.test"
    assert signup.context["form"]["purpose"].value() == ("client" if "client" in where else "agency")


@pytest.mark.parametrize("change", ["forged", "withdrawn", "another site", "another page"])
def test_without_an_open_invitations_link_nothing_is_told_on_the_way_in(client, change):
    sent = Invitation.objects.create(email="new@example.test", role="member", client=ClientFactory(name="Bright Foods"))
    follow = sent.get_absolute_url()
    if change == "withdrawn":
        Invitation.objects.update(withdrawn_at=timezone.now())
    follow = {
        "forged": follow[:-2] + "x/",
        "withdrawn": follow,
        "another site": f"https://elsewhere.test{follow}",
        "another page": f"/invitations/{sent.pk}/",
    }[change]

    for page in ("/accounts/login/", "/accounts/signup/"):
        text = client.get(page, {"next": follow}).text
        assert "Bright Foods" not in text
        assert "new@example.test" not in text


@pytest.mark.parametrize(
    ("year", "words"),
    [
        ("", "Enter the year it began"),
        ("soon", "Enter a year, like 2024"),
        ("1900", "Enter 1950 or a later year"),
        ("2099", "Year can&#x27;t be in the future"),
        ("9999", "Year can&#x27;t be in the future"),
    ],
)
def test_a_year_that_cannot_be_is_told_in_plain_words(client, profile, year, words):
    page = client.post(f"{profile.get_absolute_url()}history/add/", {"title": "Editor", "started_in": year})

    assert f"{words}</li>" in page.text
    assert not profile.work_history.exists()


@pytest.mark.parametrize("path", ["/profiles/new/", "history/add/"])
def test_two_clicks_add_one(path, client, profile):
    path = path if path.startswith("/") else f"{profile.get_absolute_url()}{path}"
    fields = {"kind": "agency", "name": "Ames", "country": "US", "state": "NY", "title": "Audits", "started_in": "2020"}

    answers = [client.post(path, fields) for _ in range(2)]

    assert answers[0].status_code == 302
    assert answers[0].url == answers[1].url
    assert Profile.objects.count() + profile.work_history.count() == 2
