"""What is typed and clicked while the session ends, or another one begins."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.core.management import call_command
from django.http import QueryDict
from django.test import Client as Browser
from django.urls import resolve, reverse
from django.utils import timezone

from certifications.models import Certification
from common.models import Draft
from common.redirects import page_of_ours
from common.translation import plain
from profiles.models import Profile
from tests.factories import PASSWORD, CertificationFactory, DocumentFactory, ProfileFactory, WorkHistoryFactory
from tests.site import Site, form_on, pages_for, person, sign_in
from verification.models import Document

pytestmark = pytest.mark.django_db
TEXT = "Year-end accounts and payroll, for café owners."
HTMX = {"HX-Request": "true"}


@pytest.fixture
def owner():
    return person(name="Fay Freeman")


@pytest.fixture
def profile(owner):
    return ProfileFactory(owner=owner, overview="Books.")


@pytest.fixture
def browser():
    """A browser that checks tokens as a real one must, and follows nothing by itself."""
    return Browser(enforce_csrf_checks=True)


def overview(profile):
    return f"{profile.get_absolute_url()}edit/overview/"


def end_session(browser):
    browser.cookies.pop("sessionid")


def test_typed_text_is_there_after_signing_in_again(browser, owner, profile):
    sign_in(browser, owner)
    typed = form_on(browser, overview(profile)) | {"overview": TEXT}
    end_session(browser)

    response = browser.post(overview(profile), typed)
    assert response.url.startswith("/accounts/login/?next=")
    assert TEXT not in browser.get(response.url).text
    draft = Draft.objects.get()
    assert response.url.endswith(f"{overview(profile)}%3Fdraft%3D{draft.pk}")
    sign_in(browser, owner)
    page = browser.get(draft.get_absolute_url())

    assert "This page expired before it was saved. Check it and save." in page.text
    assert page.context["form"]["overview"].value() == TEXT
    assert Profile.objects.get().overview == "Books."
    saved = browser.post(overview(profile), form_on(browser, draft.get_absolute_url()) | {"overview": TEXT})
    assert saved.status_code == 302
    assert Profile.objects.get().overview == TEXT
    assert not Draft.objects.exists()
    assert "page expired" not in browser.get("/").text


@pytest.mark.slow
def test_another_account_never_reads_it_and_the_first_one_finds_it_later(browser, owner, profile):
    sign_in(browser, owner)
    typed = form_on(browser, overview(profile)) | {"overview": TEXT}
    end_session(browser)
    browser.post(overview(profile), typed)
    address = Draft.objects.get().get_absolute_url()
    page_of_draft = f"/drafts/{Draft.objects.get().pk}/"

    sign_in(browser, person())
    for url in (address, page_of_draft, "/", overview(profile)):
        answer = browser.get(url)
        assert TEXT not in answer.text
        assert "This page expired before" not in answer.text
    assert browser.get(page_of_draft).status_code == 404
    discard = form_on(browser, "/profiles/new/")
    assert browser.post(f"{page_of_draft}discard/", discard).status_code == 404
    browser.logout()
    assert TEXT not in browser.get(address, follow=True).text
    sign_in(browser, owner)

    home = browser.get("/").text
    assert f'before “<bdi translate="no">{TEXT}</bdi>” was saved. <a href="{address}">' in home
    assert browser.get(address).context["form"]["overview"].value() == TEXT
    assert browser.get(page_of_draft).status_code == 200


def test_a_draft_of_one_account_is_not_sent_as_another(browser, owner):
    agency = ProfileFactory(owner=owner, overview="Books.")
    second = person()
    agency.memberships.create(user=second, role="admin")
    sign_in(browser, owner)
    typed = form_on(browser, overview(agency)) | {"overview": TEXT}
    sign_in(browser, second)
    typed["csrfmiddlewaretoken"] = form_on(browser, overview(agency))["csrfmiddlewaretoken"]

    response = browser.post(overview(agency), typed, follow=True)

    assert "That page was opened with another account, so nothing was changed." in response.text
    assert TEXT not in response.text
    assert Profile.objects.get().overview == "Books."
    assert Draft.objects.get().user == owner


def test_draft_survives_when_its_form_is_interrupted_again(browser, owner, profile):
    sign_in(browser, owner)
    typed = form_on(browser, overview(profile)) | {"overview": TEXT}
    end_session(browser)
    browser.post(overview(profile), typed)
    sign_in(browser, owner)
    again = form_on(browser, Draft.objects.get().get_absolute_url()) | {"overview": f"{TEXT} And taxes."}
    browser.cookies.pop("csrftoken")  # as signing in again replaces it
    browser.get("/")

    response = browser.post(overview(profile), again)

    draft = Draft.objects.get()
    assert response.url == draft.get_absolute_url()
    assert draft.data["overview"] == f"{TEXT} And taxes."
    assert browser.get(response.url).context["form"]["overview"].value() == f"{TEXT} And taxes."


def test_signing_in_again_in_another_tab_loses_nothing(browser, owner, profile):
    sign_in(browser, owner)
    typed = form_on(browser, overview(profile)) | {"overview": TEXT}
    browser.cookies.pop("csrftoken")  # as signing in again replaces it
    browser.get("/")

    plain = browser.post(overview(profile), typed)
    assert plain.url == Draft.objects.get().get_absolute_url()
    htmx = browser.post(overview(profile), typed, headers=HTMX)

    assert htmx["HX-Redirect"].startswith(f"{overview(profile)}?draft=")
    assert TEXT in browser.get(htmx["HX-Redirect"]).text


@pytest.mark.parametrize("forgery", ["", "1", "1:1abc:forged"])
def test_nothing_is_kept_without_a_token_of_ours(forgery, client, owner, profile):
    response = client.post(overview(profile), {"overview": TEXT, "typed_by": forgery})

    assert response.url == f"/accounts/login/?next={overview(profile)}"
    assert not Draft.objects.exists()


def test_a_token_holds_as_long_as_a_session(client, owner, profile, settings, monkeypatch):
    sign_in(client, owner)
    typed = form_on(client, overview(profile)) | {"overview": TEXT}
    end_session(client)
    settings.SESSION_COOKIE_AGE = -1

    client.post(overview(profile), typed)

    assert not Draft.objects.exists()


@pytest.mark.slow
def test_an_interrupted_click_is_reported_with_its_button(browser, owner, profile):
    record = CertificationFactory(profile=profile)
    hide = f"{record.get_absolute_url()}hide/"
    sign_in(browser, owner)
    clicked = form_on(browser, record.get_absolute_url(), hide)
    end_session(browser)

    asked = browser.post(hide, clicked)
    sign_in(browser, owner)
    draft = Draft.objects.get()
    page = browser.get(draft.get_absolute_url())

    assert asked.url.startswith("/accounts/login/")
    assert f"This page expired, so {record.certificate.label} isn't hidden yet." in plain(page.text)
    assert Certification.objects.get().hidden_at is None
    done = browser.post(hide, form_on(browser, draft.get_absolute_url(), hide), follow=True)
    assert "is hidden. No client can see it." in done.text
    assert Certification.objects.get().hidden_at is not None
    assert not Draft.objects.exists()


def test_a_request_of_htmx_without_a_session_opens_the_sign_in_page_whole(client, owner, profile):
    here = f"http://testserver{profile.get_absolute_url()}"
    response = client.get(overview(profile), headers=HTMX | {"HX-Current-URL": here})
    elsewhere = client.get(overview(profile), headers=HTMX | {"HX-Current-URL": "https://example.com/a/"})

    assert response["HX-Redirect"] == f"/accounts/login/?next={profile.get_absolute_url()}"
    assert elsewhere["HX-Redirect"] == f"/accounts/login/?next={overview(profile)}"
    assert response.text == ""


def test_a_mistake_is_shown_by_a_get_and_kept_until_it_is_corrected(browser, owner, profile):
    sign_in(browser, owner)
    url = f"{profile.get_absolute_url()}edit/intro/"
    typed = form_on(browser, url) | {"name": "", "headline": "Accounts"}

    response = browser.post(url, typed)
    assert response.status_code == 303
    for _ in range(2):  # a reload
        page = browser.get(response.url)
        assert "Enter the name" in page.text
        assert page.context["form"]["headline"].value() == "Accounts"
        assert "This page expired" not in page.text
    assert Profile.objects.get().headline != "Accounts"
    again = browser.post(url, form_on(browser, response.url) | {"name": "", "headline": "Audits"})
    assert again.url == response.url
    browser.post(url, form_on(browser, response.url) | {"name": "Fay", "headline": "Audits"})
    assert Profile.objects.get().headline == "Audits"
    assert not Draft.objects.exists()


def test_a_draft_saves_nothing_by_a_get(client, owner, profile):
    sign_in(client, owner)
    for path in (overview(profile), "/profiles/new/", f"{profile.get_absolute_url()}history/add/"):
        fields = "overview=B&kind=agency&name=A&country=US&state=NY&title=A&started_in=2020"
        draft = Draft.objects.create(user=owner, path=path, fields=fields, is_interrupted=True)
        assert client.get(draft.get_absolute_url()).status_code == 200

    assert Profile.objects.get().overview == "Books."
    assert not profile.work_history.exists()


def test_passwords_and_codes_are_never_kept(browser):
    user = person()
    sign_in(browser, user)
    for url in ("/accounts/password/change/", "/accounts/email/"):
        typed = form_on(browser, url) | {"oldpassword": "secret", "password1": "secret", "email": "new@example.test"}
        end_session(browser)
        response = browser.post(url, typed)
        assert response.url.startswith("/accounts/login/")
        sign_in(browser, user)

    assert not Draft.objects.exists()


@pytest.mark.slow
def test_drafts_are_few_small_and_end_with_the_session(browser, owner, profile):
    sign_in(browser, owner)
    typed = form_on(browser, overview(profile))
    end_session(browser)
    for number in range(Draft.MOST_OF_ONE_PERSON + 2):
        browser.post(overview(profile), typed | {"overview": f"{number}"})
    assert Draft.objects.count() == Draft.MOST_OF_ONE_PERSON
    assert Draft.objects.last().data["overview"] == f"{number}"
    browser.post(overview(profile), typed | {"overview": "x" * Draft.MOST_LETTERS})
    assert not Draft.objects.filter(fields__contains="xxx").exists()

    Draft.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    browser.cookies.clear()
    sign_in(browser, owner)
    assert "page expired" not in browser.get("/").text
    call_command("due", verbosity=0)
    assert not Draft.objects.exists()


def test_pages_without_a_draft_ask_for_none(client, owner, profile, django_assert_max_num_queries):
    sign_in(client, owner)
    client.get(overview(profile))
    with django_assert_max_num_queries(12) as queries:
        client.get(overview(profile))
        client.get("/")

    assert not [query for query in queries if "common_draft" in query["sql"]]


def test_a_discarded_draft_is_gone(browser, owner, profile):
    sign_in(browser, owner)
    typed = form_on(browser, overview(profile)) | {"overview": TEXT}
    end_session(browser)
    browser.post(overview(profile), typed)
    sign_in(browser, owner)
    draft = Draft.objects.get()
    discard = f"/drafts/{draft.pk}/discard/"

    response = browser.post(discard, form_on(browser, draft.get_absolute_url(), discard))

    assert response.url == overview(profile)
    assert not Draft.objects.exists()
    assert browser.get(draft.get_absolute_url()).context["form"]["overview"].value() == "Books."


# Every act


def fields_of(form):
    """What is sent with a form's markup: its hidden fields as they are, and TEXT in each that is typed into."""
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    chosen = dict(re.findall(r'<(?:button|input) type="submit" name="([^"]+)" value="([^"]*)"', form))
    texts = re.findall(r'<(?:textarea|input type="text") name="([^"]+)"', form)
    return hidden | chosen, dict.fromkeys(texts, TEXT)


@pytest.mark.slow
@pytest.mark.parametrize("who", ["owner", "client_admin", "root"])
def test_a_form_sent_after_the_session_ended_is_kept_and_reported_as_not_done(who, browser):
    """Every kind of form and button on every page of the site."""
    site = Site()
    site.add_certifications()
    user = getattr(site, who)
    forms: dict[tuple, tuple[str, str]] = {}  # one of each: of the same address in the URLconf, with the same fields
    for path, html in pages_for(site, user, under=("/admin/",) if user.is_staff else ("/",)).items():
        if not path.startswith("/accounts/") and (user.is_staff or not path.startswith("/admin/")):
            for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", html[html.index("<main") :], re.S):
                action = re.search(r' action="([^"]+)"', form.split(">")[0])
                url = urljoin(path, unescape(action[1])) if action else path
                names = frozenset(re.findall(r' name="([^"]+)"', form))
                forms[resolve(urlsplit(url).path).route, names] = url, form
    assert len(forms) > 10
    sign_in(browser, user, again=True)
    tokens = {name: value for name, value in form_on(browser, "/profiles/new/").items() if name != "draft"}
    for url, form in forms.values():
        if url.startswith(("/drafts/", "/accounts/", "/admin/logout/")):
            continue
        hidden, typed = fields_of(form)
        end_session(browser)
        Draft.objects.all().delete()
        response = browser.post(url, hidden | typed | tokens)
        assert response.url.startswith("/accounts/login/?next="), url
        sign_in(browser, user, again=True)
        shown = browser.get(Draft.objects.get().get_absolute_url(), follow=True)
        assert shown.status_code == 200, url
        main = shown.text[shown.text.index("<main") :]
        assert "page expired" in main, url
        assert all(TEXT in unescape(main) for _ in typed), url


def test_text_typed_for_a_deleted_page_can_still_be_read(browser, owner, profile):
    for ends in (False, True):
        position = WorkHistoryFactory(profile=profile)
        url = f"{profile.get_absolute_url()}history/{position.pk}/"
        sign_in(browser, owner)
        typed = form_on(browser, url) | {"title": "Audits", "description": TEXT}
        position.delete()
        if ends:
            end_session(browser)
        response = browser.post(url, typed)
        sign_in(browser, owner)
        page = browser.get(Draft.objects.get().get_absolute_url() if ends else response.url, follow=True)

        assert TEXT in page.text
        assert "was removed, or you can no longer change it" in page.text
        assert "Send it again" not in page.text
        discard = f"{page.request['PATH_INFO']}discard/"
        discarded = browser.post(discard, form_on(browser, f"{page.request['PATH_INFO']}?gone=1", discard))
        assert discarded.url == "/"
        assert not Draft.objects.exists()


@pytest.mark.slow
def test_a_click_on_a_deleted_page_leaves_no_draft(browser, owner, profile):
    record = CertificationFactory(profile=profile)
    sign_in(browser, owner)
    hide = f"{record.get_absolute_url()}hide/"
    clicked = form_on(browser, record.get_absolute_url(), hide)
    record.delete()

    assert browser.post(hide, clicked).status_code == 404
    assert browser.post("/no/such/page/", clicked | {"overview": TEXT}).status_code == 404
    assert not Draft.objects.exists()


def test_a_notice_names_what_was_typed_or_clicked(client, owner):
    for fields in ("type=3&title=Year-end+accounts&next=/", "on=1"):
        draft = Draft.objects.create(user=owner, path="/talent/hide/", fields=fields, is_interrupted=True)
    sign_in(client, owner)

    page = client.get("/").text

    assert 'before “<bdi translate="no">Year-end accounts</bdi>” was saved' in page
    assert f'before something on <bdi translate="no">{draft.path}</bdi> was saved' in page


@pytest.mark.parametrize(
    ("sent", "texts"),
    [
        ("shortlist=12&next=/talent/&format=csv&on=on&until=2031-05-01&state=NY&name=+", []),
        ("submission=0c5f&3-version=A+B&initial-name=Bids+now&_save=Save", []),
        ("role=admin&email=a@example.test&3-name=Caf%C3%A9&name=books+now", ["a@example.test", "Café", "books now"]),
    ],
)
def test_only_what_a_person_typed_counts_as_text(sent, texts):
    assert list(Draft.texts_in(QueryDict(sent))) == texts


def test_a_draft_is_read_in_words_and_not_in_the_values_of_its_form():
    draft = Draft(fields="is_active=on&expires_on=2031-05-01&born=2031-99-01&outcome=not_accepted&note=ask_Ann+Lee")

    assert draft.words == [
        ("Is active", ["Yes"]),
        ("Expires on", ["May 1, 2031"]),
        ("Born", ["2031-99-01"]),
        ("Outcome", ["Not accepted"]),
        ("Note", ["ask_Ann Lee"]),
    ]


def test_of_what_someone_typed_another_account_reads_nothing_on_a_page_that_is_gone(browser, owner, profile):
    sign_in(browser, owner)
    typed = form_on(browser, overview(profile)) | {"overview": TEXT}
    sign_in(browser, person())
    typed["csrfmiddlewaretoken"] = form_on(browser, "/profiles/new/")["csrfmiddlewaretoken"]

    assert TEXT not in browser.post(overview(profile), typed, follow=True).text
    address = Draft.objects.get().address_if_gone
    assert browser.get(address).status_code == 404


def test_a_sign_in_page_of_another_tab_leads_on_after_signing_in(browser, owner):
    fields = form_on(browser, "/accounts/login/?next=/talent/")
    sign_in(browser, owner)
    browser.cookies.pop("csrftoken")  # as signing in replaces it
    browser.get("/profiles/new/")

    response = browser.post("/accounts/login/", fields | {"login": owner.email, "password": PASSWORD}, follow=True)

    assert response.request["PATH_INFO"] == "/talent/"
    assert "You are already signed in." in response.text


def test_an_account_page_that_expired_opens_anew(browser):
    fields = form_on(browser, "/accounts/password/reset/")
    browser.cookies.pop("csrftoken")
    browser.get("/accounts/login/")

    response = browser.post("/accounts/password/reset/", fields | {"email": "a@example.test"}, follow=True)

    assert "That page had expired. Try again." in response.text
    assert response.request["PATH_INFO"] == "/accounts/password/reset/"


def test_a_browser_without_cookies_is_told_so(browser):
    fields = form_on(browser, "/accounts/login/")
    browser.cookies.clear()

    page = browser.post("/accounts/login/", fields | {"login": "a@example.test", "password": PASSWORD})

    assert page.status_code == 403
    assert "Your browser didn't send our cookie" in page.text


NO_PAGES = [
    "abc",
    "zwölf",
    "/\\example.com/",
    "/%09/example.com",
    "///example.com",
    "////example.com//..",
    "http:/x",
    "https:example.com",
    "http://testserver@example.com/",
    "http://testserver.example.com/",
    "data:text/html,<b>",
    "\tjavascript:alert(1)",
    "/talent/\r\nSet-Cookie: a=b",
    "/talent/%00",
    "/talent/../../",
    "." * 9,
    "/" + "a" * 9_000 + "/",
    "/straße/",
    "/talent/\u2028",
    "/talent/?q=" + "😀" * 2_000,
    "7",
    '"><b>',
    "//example.com/a/",
    "https://example.com/",
    "/no/such/page/",
    "javascript:alert(1)",
    "\\\\example.com",
    "/\x00",
    "http://[",
    "?a",
    "#",
]


@pytest.mark.parametrize("word", NO_PAGES)
def test_an_address_outside_the_site_leads_nowhere(word, rf):
    assert page_of_ours(rf.get("/"), word) == ""


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("http://testserver/talent/?q=a", "/talent/?q=a"),
        ("/talent/?next=//example.com", "/talent/?next=//example.com"),
        ("/talent/?q=a\r\nSet-Cookie: a=b", "/talent/?q=aSet-Cookie: a=b"),
        (" /talent/\t", "/talent/"),
    ],
)
def test_a_page_of_the_site_is_led_to_by_its_path_alone(address, page, rf):
    assert page_of_ours(rf.get("/"), address) == page


@pytest.mark.parametrize("word", NO_PAGES[::8])
def test_next_leads_to_a_page_of_the_site_or_to_the_usual_one(word, client, owner, profile):
    record = CertificationFactory(profile=profile)
    sign_in(client, owner, again=True)
    section = f"{profile.get_absolute_url()}certifications/"

    for act in ("hide", "show", "withdraw", "restore", "reminders"):
        response = client.post(f"{record.get_absolute_url()}{act}/", {"next": word})
        assert response.url == f"{section}#certification-{record.pk}" or response.url == record.section_url
    assert client.post(f"{section}hide-all/", {"next": word}).url == section
    assert client.post(f"{section}show-all/", {"next": word}).url == section
    assert client.post("/acting-for/", {"client": "0", "next": word}).url == "/"


@pytest.mark.parametrize("word", NO_PAGES[::8])
def test_sign_in_leads_to_a_page_of_the_site_or_home(word, client, owner):
    assert client.get(reverse("account_login"), {"next": word}).status_code == 200

    fields = {"login": owner.email, "password": PASSWORD, "next": word}
    assert client.post(reverse("account_login"), fields).url == "/"


def test_sign_in_leads_where_one_wanted_to_go(client, owner):
    fields = {"login": owner.email, "password": PASSWORD, "next": "/talent/?q=design"}
    assert client.post(reverse("account_login"), fields).url == "/talent/?q=design"


@pytest.mark.slow
def test_a_document_whose_deletion_the_end_of_a_session_interrupts_is_asked_about_again(browser, owner, profile):
    document = DocumentFactory(certification=CertificationFactory(profile=profile))
    url = f"{document.certification.get_absolute_url()}documents/{document.key}/delete/"
    sign_in(browser, owner)
    confirmed = form_on(browser, url)
    end_session(browser)
    browser.post(url, confirmed)
    assert Document.objects.exists()

    sign_in(browser, owner)
    address = Draft.objects.get().get_absolute_url()
    assert "it isn't done yet" in unescape(browser.get(address).text)
    browser.post(url, form_on(browser, address))

    assert not Document.objects.exists()
    assert not Draft.objects.exists()
