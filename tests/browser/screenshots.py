"""The pictures of the main pages, drawn from the demo. `make screenshots` keeps them under docs/."""

import os
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from PIL import Image

from certifications.models import Certification
from impact import simulation
from profiles.models import Client, User
from sourcing import terms
from tests.site import add_second_factor
from verification.models import Case

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FREELANCER, AGENCY = "/freelancers/demo-freelancer/", "/agencies/demo-agency/"
PHONE = {"width": 390}
DESK = {"width": 1280}  # for a whole page
TALLEST = 2000  # of a whole page
COLORS = 128  # as many as tell a page, in a file of a third of the size
# Images that are loaded only once they are scrolled to.
LOAD_ALL = """Promise.all([...document.images].map(image => {
    image.loading = "eager";
    return image.decode();
}))"""
PICTURES: dict[str, tuple[str | None, str, dict]] = {
    "profile": ("enterprise@demo.test", FREELANCER, {}),
    "profile-phone": ("enterprise@demo.test", FREELANCER, PHONE),
    "profile-dark": ("enterprise@demo.test", FREELANCER, {"scheme": "dark"}),
    "agency": ("business@demo.test", AGENCY, {}),
    "editor": ("freelancer@demo.test", FREELANCER, {}),
    "section": ("freelancer@demo.test", f"{FREELANCER}certifications/", {}),
    "who-sees": ("freelancer@demo.test", "{record}", {}),
    "seen-by": ("freelancer@demo.test", f"{FREELANCER}certifications/seen-by/", {}),
    "preview": ("freelancer@demo.test", f"{FREELANCER}preview/", {}),
    "adding": ("freelancer@demo.test", f"{FREELANCER}certifications/add/?type=veteran", {}),
    "talent": (None, "/talent/", {}),
    "evidence": ("freelancer@demo.test", "{record}#evidence", {}),
    "queue": ("staff@demo.test", "/admin/verification/case/", {}),
    "review": ("staff@demo.test", "{case}", {}),
    "sourcing": ("enterprise@demo.test", "/sourcing/", {}),
    "sourcing-phone": ("enterprise@demo.test", "/sourcing/", PHONE),
    "spend": ("enterprise@demo.test", "/spend/", DESK),
    "spend-phone": ("enterprise@demo.test", "/spend/", PHONE | {"scheme": "dark"}),
    "spend-payments": ("enterprise@demo.test", "/spend/payments/", {}),
    "spend-goals": ("enterprise@demo.test", "/spend/goals/", {}),
    "spend-report": ("enterprise@demo.test", "/spend/reports/1/", DESK),
    "start": ("staff@demo.test", "/admin/", {}),
    "administration": ("staff@demo.test", "/admin/certifications/certification/", {}),
}
MONITOR = "/admin/impact/tally/"
# Of the monitor: what is simulated, and who looks at what.
SIMULATED: dict[str, tuple[dict[str, Any] | None, str | None, str, dict]] = {
    "monitor-too-little": ({"clients": 60, "weeks": 6}, "staff@demo.test", MONITOR, {}),
    "monitor-no-effect": ({"clients": 160, "weeks": 26}, "staff@demo.test", MONITOR, {}),
    "monitor": ({"effect": 0.4, "clients": 160, "weeks": 26}, "staff@demo.test", MONITOR, {}),
    "monitor-dark": (None, "staff@demo.test", f"{MONITOR}?measure=contracts#one", {"scheme": "dark"}),
    "impact": (None, None, "/impact/", {}),
    "impact-phone": (None, None, "/impact/", PHONE | {"scheme": "dark"}),
}


def test_the_main_pages_can_be_pictured(visit, settings):
    settings.DEBUG = True  # the demo loads in debug only
    call_command("demo", stdout=StringIO())
    settings.DEBUG = False
    staff = User.objects.get(email="staff@demo.test")
    add_second_factor(staff)
    record = Certification.objects.filter(profile__slug="demo-freelancer").first().get_absolute_url()
    case = Case.objects.waiting().filter(causes__contains=["document", "match"]).first().admin_url
    cleo = User.objects.get(email="enterprise@demo.test")
    for client in cleo.clients.all():
        terms.accept(client.pk, purpose="To invite certified businesses to bid.", by=cleo)
    folder = Path(os.environ["SCREENSHOTS"])

    def picture(name, email, path, look):
        page = visit(User.objects.get(email=email) if email else None, **look)
        assert page.goto(path.format(record=record, case=case)).ok
        page.evaluate(LOAD_ALL)
        taken = page.screenshot(full_page="width" in look or name.startswith("monitor"))
        image = Image.open(BytesIO(taken)).convert("RGB")
        image = image.crop((0, 0, image.width, min(image.height, TALLEST)))
        image.quantize(COLORS).save(folder / f"{name}.png", optimize=True)
        assert (folder / f"{name}.png").stat().st_size > 10_000

    for name, (email, path, look) in PICTURES.items():
        picture(name, email, path, look)
    settings.DEBUG = True
    call_command("fill", 300, certified=50, verbosity=0)
    settings.DEBUG = False
    for name, (simulated, email, path, look) in SIMULATED.items():
        if simulated:
            Client.objects.filter(slug__startswith="simulated-").delete()
            simulation.simulate(**simulated)
        picture(name, email, path, look)
