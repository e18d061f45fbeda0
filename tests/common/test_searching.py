"""Accents, case, apostrophes and hyphens never matter in a search, in Python and in the database alike."""

import hashlib

import pytest
from django.db import connection

from common.searching import FUNCTIONS, LETTERS, folded, joined, query_of, squashed, squashed_spellings, typed_words
from profiles.models import Client
from tests.factories import CertificationFactory, ClientFactory


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("José Peña", "jose pena"),
        ("Jose\u0301 Pen\u0303a", "jose pena"),
        ("Łukasz Øster Đặng Þór", "lukasz oster dang thor"),
        ("Weiß & Søn", "weiss & son"),
        ("İstanbul Işık", "istanbul isik"),
        ("Жуков Щукина", "zhukov shchukina"),
        ("ΟΔΟΣ οδός", "odos odos"),
        ("Kaʻahumanu O’Brien", "ka'ahumanu o'brien"),
        ("Co‑op – “Web”", 'co-op - "web"'),
        ("ＡＣＭＥ ﬁx ½ m²", "acme fix 1/2 m2"),
        ("Bright\u200bpath™\u00ad Inc", "brightpath  inc"),
        ("山田 ｶﾞ 가나", "山田 ガ 가나"),
        ("עִבְרִית مُحَمَّد", "עברית محمد"),
    ],
)
def test_folding_leaves_letters_that_are_typed_alike(text, expected):
    assert folded(text) == expected
    assert folded(expected) == expected


def test_a_squashed_text_has_no_spaces_and_punctuation():
    assert squashed("Café Río, Inc. & O’Brien-Núñez (U.S.)") == "caferioincobriennunezus"


def test_a_skill_keeps_its_distinctive_signs():
    assert [joined(skill) for skill in ("Node.js", "C++", "C#", "Co-op", ".NET")] == [
        "nodejs",
        "c++",
        "c#",
        "coop",
        "net",
    ]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("O’Brien co-op Node.js", [("o", "brien"), ("co", "op"), ("node", "js")]),
        ("foo_bar UI/UX foo", [("foo",), ("bar",), ("ui",), ("ux",)]),
        ("हिन्दी ที่ดิน", [("हिनदी",), ("ทีดิน",)]),
        ("' - 🦊 %", []),
    ],
)
def test_typed_words_have_parts(typed, words):
    assert typed_words(typed) == [(parts, ()) for parts in words]


@pytest.mark.parametrize("typed", ["Müller blue", "MU\u0308LLER Blue müller"])
def test_a_typed_word_with_two_spellings_has_both(typed):
    assert typed_words(typed) == [(("muller",), ("mueller",)), (("blue",), ())]
    assert squashed_spellings(typed.partition(" ")[0]) == ["muller", "mueller"]


def test_the_query_of_a_word_asks_for_its_spellings_and_for_its_parts_as_one():
    queries = [query_of(word, "'{}'".format) for word in typed_words("blue co-op Müller Ås-Øy")]

    assert queries == [
        "'blue'",
        "('coop' | 'co' & 'op')",
        "('muller' | 'mueller')",
        "('asoy' | 'as' & 'oy' | 'aasoey' | 'aas' & 'oey')",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("function", [folded, squashed])
def test_the_database_folds_as_python_does(function):
    letters = [chr(number) for number in range(0x20, 0x3000) if chr(number).isalpha()]
    texts = [
        *letters,
        *map(str.upper, letters),
        "Kaʻahumanu O’Brien–Peña ½™ ＡＣＭＥ",
        "山田 ｶﾞ 가나 हिन्दी ที่ดิน",
        "a\u200b\u2064\U000e0041b",
        "a'b\\c%_",
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT text, {function.__name__}(text) FROM unnest(%s::text[]) AS text", [texts])  # noqa: S608
        stored = cursor.fetchall()

    def without_other_spelling(text):
        return text.partition(" ")[0] if function is squashed else text

    differing = {text: other for text, other in stored if function(text) != without_other_spelling(other)}
    assert len(stored) == len(texts)
    assert differing == {}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Müller Åse", "Mu\u0308ller A\u030ase", "MÜLLER ÅSE"])
def test_a_word_with_two_spellings_is_found_by_both(name):
    client = ClientFactory(name=name)

    assert client.name_key == "mullerase muelleraase"
    for typed in ("muller", "mueller", "Müller", "Aase", "åse", "ase"):
        assert list(Client.objects.filter(name__has_part=typed)) == [client]
    assert not Client.objects.filter(name__has_part="m_ller").exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT tsvector_to_array(to_tsvector('simple', searched_words(%s)))", [name])
        assert set(cursor.fetchone()[0]) == {"muller", "mueller", "ase", "aase"}


@pytest.mark.django_db
def test_a_name_that_is_spelled_with_two_letters_has_one_spelling():
    client = ClientFactory(name="Blue Mueller")

    assert client.name_key == "bluemueller"
    for typed, expected in (("mueller", [client]), ("MÜLLER", [client]), ("muller", []), ("blü", [client])):
        assert list(Client.objects.filter(name__has_part=typed)) == expected


@pytest.mark.django_db
def test_the_database_parts_words_as_python_does():
    for text in ("O’Brien, Co-op; Node.js/UI_UX", "हिन्दी किताब", "ที่ดิน", "山田 ｶﾞ 가나", "עִבְרִית مُحَمَّد", "½ a.b-c'd"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT tsvector_to_array(to_tsvector('simple', searched_words(%s)))", [text])
            stored = set(cursor.fetchone()[0])
        words = [word.parts for word in typed_words(text)]
        assert stored == {part for parts in words for part in parts} | {"".join(parts) for parts in words}


def test_changed_letters_come_with_a_migration():
    """What is stored was computed by the functions. Once released, a change here, such as by a newer anyascii, needs a
    migration that installs them and computes anew what calls them. Then this may have the new digest."""
    sql = "".join(map(FUNCTIONS.sql, FUNCTIONS.names))
    assert len(LETTERS) > 300
    assert hashlib.sha256(sql.encode()).hexdigest()[:16] == "9038de5b605b3a7c"


@pytest.mark.django_db
def test_an_index_on_words_is_analyzed():
    """PostgreSQL computes what is indexed with an empty search path then: a function must find those that it calls."""
    CertificationFactory(legal_business_name="Café Río LLC")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE certifications_certification, profiles_profile, profiles_client")
