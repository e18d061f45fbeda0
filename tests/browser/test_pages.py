"""Every page of the site, as each kind of person: accessible at every width, in both schemes, and by keyboard."""

import re

import pytest

from certifications.models import Certification
from profiles.models import Profile
from sourcing.models import SavedSearch, Shortlist, ShortlistEntry, TalkInvitation
from tests.browser.conftest import scrolls_sideways
from tests.browser.snapshots import snapshots
from tests.site import Site, answers_for, bare

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Who opens the pages, and under which addresses: what looks the same to all is opened by one of them.
PEOPLE = {
    "visitor": (lambda site: None, ["/"]),
    "freelancer": (lambda site: site.owner, ["/accounts/", "/freelancers/", "/profiles/", "/inbox/"]),
    "agency owner": (lambda site: site.agency_owner, ["/agencies/"]),
    "client admin": (
        lambda site: site.client_admin,
        ["/clients/", "/freelancers/", "/agencies/", "/concerns/", "/sourcing/"],
    ),
    "spend lead": (lambda site: site.client_admin, ["/spend/"]),
    "integrator": (lambda site: site.client_admin, ["/integrations/", "/developers/"]),
    "catalogue staff": (lambda site: site.root, ["/admin/certifications/", "/admin/jsi18n/"]),
    "people staff": (
        lambda site: site.root,
        ["/admin/profiles/", "/admin/account", "/admin/mfa", "/admin/auth", "/admin/sourcing", "/admin/jsi18n/"],
    ),
}
# The wide layout and the narrow one, where it is hardest; and both schemes: colors do not depend on the width.
SIZES = [(1440, "light"), (320, "dark")]
# Looks at what has the focus whenever the tab key moves on: whether that is seen, as an outline of the element or of
# the card or option around it. From a selector on, or from the top.
SWEEP = """(start) => {
    if (start) document.querySelector(start).focus();
    // What the page itself gave the focus is no stop, and the body comes before the first and after the last.
    const stopped = new Set([document.activeElement, document.body]);
    window.sweep = {unseen: [], isOver: false};
    let isStarted = false;
    const look = () => {
        const element = document.activeElement;
        if (isStarted && stopped.has(element)) sweep.isOver = true;
        isStarted = true;
        if (stopped.has(element)) return;
        stopped.add(element);
        const around = [element, element.parentElement, element.closest("label"), element.closest("article")];
        const outlined = around.filter(Boolean)
            .flatMap(one => [getComputedStyle(one), getComputedStyle(one, "::after")])
            .some(style => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
        const box = element.getBoundingClientRect();
        const isInWindow = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
        if (!outlined || !isInWindow) sweep.unseen.push(element.outerHTML.slice(0, 150));
    };
    addEventListener("keydown", look, true);
}"""
# Twice the text size, with all open that can be opened within the page.
ENLARGE = """() => {
    document.documentElement.style.fontSize = "200%";
    document.querySelectorAll("main details").forEach(details => details.open = true);
}"""
TABS = 8  # that are pressed before it is asked whether that was all


@pytest.mark.django_db
@pytest.mark.parametrize("person", PEOPLE)
def test_every_page_is_accessible_at_every_width_in_both_schemes_and_by_keyboard(person, open_profile, check_page):
    site = Site()
    site.add_certifications()
    get_user, prefixes = PEOPLE[person]
    answers = answers_for(site, get_user(site), under=prefixes)
    paths = distinct(answers)
    assert len(paths) >= 4
    with snapshots(answers) as url:
        findings = sweep(paths, open_profile(url).new_page(), check_page)

    assert not findings, "\n".join(findings)


def sweep(paths, page, check_page):
    """Return what is wrong with the pages at `paths`."""
    findings, tops = [], set()
    for number, path in enumerate(paths):
        page.set_viewport_size({"width": 1440, "height": 900})
        page.emulate_media(color_scheme="light")
        assert page.goto(path).ok, path
        # The administration's pages are alike: they take turns with the sizes, and their navigation is swept once.
        is_admin = path.startswith("/admin/")
        top = "administration" if is_admin else top_of(page)
        start = "main" if top in tops else None
        tops.add(top)
        findings += [f"{path}: no visible focus: {what}" for what in stops_without_focus(page, start)]
        for width, scheme in [SIZES[number % 2]] if is_admin else SIZES:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            findings += [f"{path}, {width}, {scheme}: {finding}" for finding in check_page(page)]
        if not is_admin:
            page.set_viewport_size({"width": 390, "height": 900})
            page.evaluate(ENLARGE)
            findings += [f"{path}: text at 200 % scrolls sideways"] if scrolls_sideways(page) else []
    return findings


def distinct(answers):
    """The addresses of the pages among `answers`; of the administration's histories and deletions one of each template.

    These look the same, whatever they are of; one of our own has sections for the changes.
    """
    found = {}
    for path, answer in answers.items():
        if answer.is_page:
            alike = re.fullmatch(r"/admin/.+/(history|delete)/", path)
            found.setdefault((alike[1], b'class="change"' in answer.content) if alike else path, path)
    return list(found.values())


def top_of(page):
    """The HTML above <main>, which many pages share."""
    return bare(page.evaluate("document.body.innerHTML.split('<main')[0]"))


def stops_without_focus(page, start=None):
    """What is stopped at by the tab key, from the element `start` on, without being seen to have the focus."""
    page.evaluate(SWEEP, start)
    while not page.evaluate("sweep.isOver"):
        for _ in range(TABS):
            page.keyboard.down("Tab")
    page.keyboard.up("Tab")
    return page.evaluate("sweep.unseen")


@pytest.mark.django_db(transaction=True)
def test_no_word_that_a_form_takes_pushes_a_page_sideways(visit):
    site = Site()
    [record, _] = site.add_certifications()
    word = "W" * 50
    site.freelancer.work_history.update(title=word, organization=word)
    Profile.objects.filter(pk=site.freelancer.pk).update(
        name=word, headline=word, overview=word, city=word, skills=[word], languages=[word]
    )
    Certification.objects.filter(pk=record.pk).update(legal_business_name=2 * word, number=word)
    for model, field in ((Shortlist, "name"), (SavedSearch, "name"), (TalkInvitation, "title")):
        model.objects.update(**{field: word})
    [entry] = ShortlistEntry.objects.all()
    Shortlist.objects.create(client=site.client, name=f"{word}, which it may be moved to")
    profile = site.freelancer.get_absolute_url()
    shared = [profile, f"/talent/?q={word}"]
    shortlist = f"/sourcing/shortlists/{entry.shortlist_id}/"
    of_shortlists = ["/sourcing/shortlists/", shortlist, f"{shortlist}compare/?entry={entry.pk}"]
    of_client = ["/talks/", "/sourcing/searches/", *of_shortlists]
    pages = {
        site.owner: [*shared, f"{profile}certifications/", f"{profile}certifications/history/", "/inbox/"],
        site.client_admin: [*shared, *of_client],
    }
    wide = []
    for user, paths in pages.items():
        for width in (390, 1440):
            page = visit(user, width=width)
            for path in paths:
                page.goto(path)
                assert word in page.content(), path
                page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
                if scrolls_sideways(page):
                    wide.append((path, width))

    assert not wide


def test_the_sweep_finds_what_is_wrong(visit, check_page):
    page = visit()
    page.goto("/")
    page.evaluate(
        'document.querySelector(\'main\').innerHTML = \'<img src="/x.png"><a href="/" class="bad">Start</a>\''
    )
    page.evaluate("document.querySelector('.bad').style.outline = '0 none transparent'")

    assert any(finding.startswith("image-alt") for finding in check_page(page))
    assert any("bad" in what for what in stops_without_focus(page))

    page.evaluate("document.querySelector('main').style.width = '3000px'")
    assert "scrolls sideways" in check_page(page)


def test_the_check_finds_what_appears_when_the_window_is_narrow(visit, check_page):
    page = visit()
    page.goto("/")
    assert check_page(page) == []

    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<input type=text>')")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<h6>Deep</h6>')")
    page.set_viewport_size({"width": 320, "height": 900})
    found = check_page(page)

    assert any(finding.startswith("label") for finding in found)
    assert any(finding.startswith("heading-order") for finding in found)


def test_the_check_finds_targets_that_are_too_small(visit, check_page):
    page = visit()
    page.goto("/")
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<button>A</button><button>B</button>')"
    )
    page.evaluate(
        "document.querySelectorAll('main button').forEach(button => button.style.padding = button.style.border = 0)"
    )

    assert any(finding.startswith("target-size") for finding in check_page(page))
