"""Pages load one stylesheet, which holds all that the site's components say."""

from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.finders import get_finder

from marketplace import stylesheets

CSS = Path(__file__).parents[2] / "static" / "css"
# Styles of the administration, which its own pages load.
OF_THE_ADMIN = {"admin.css", "monitor.css", "office.css"}


def test_the_style_sheet_holds_every_component_in_order_and_imports_nothing():
    joined = Path(str(finders.find("css/site.css"))).read_text()

    names = stylesheets.IMPORT.findall((CSS / "site.css").read_text())
    places = [joined.index((CSS / name).read_text()) for name in names]
    assert places == sorted(places)
    assert "@import" not in joined
    written = {str(path.relative_to(CSS)) for path in CSS.rglob("*.css")}
    assert written - OF_THE_ADMIN - {"site.css"} == set(names)


def test_a_changed_component_is_served_and_an_unchanged_style_sheet_keeps_its_time(tmp_path, monkeypatch):
    monkeypatch.setattr(stylesheets, "WRITTEN", tmp_path / "static" / "site.css")
    (tmp_path / "site.css").write_text('@import url("a.css");\n')
    (tmp_path / "a.css").write_text("a {}")

    def served():
        return stylesheets.write(stylesheets.joined(tmp_path / "site.css"))

    before = served().stat()
    assert served().stat() == before
    (tmp_path / "a.css").write_text("b {}")
    assert served().read_text() == "b {}\n"
    assert served().stat().st_mode & 0o777 == 0o644


def test_collectstatic_writes_the_same_style_sheet():
    finder = get_finder("marketplace.stylesheets.JoiningFinder")

    [(path, storage)] = [found for found in finder.list([]) if found[0] == "css/site.css"]

    assert storage.open(path).read().decode() == Path(str(finders.find("css/site.css"))).read_text()
