"""Whether two names are of one business. All names here are invented, in the shapes that directories have."""

import csv
import io
import time

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from verification.registers import names

SAME = """
Brightwater Consulting LLC | BRIGHTWATER CONSULTING, L.L.C.
Kessler & Voss Engineering PC | Kessler and Voss Engineering, P.C.
The Marlowe Group Inc | MARLOWE GROUP, INC., THE
Tamika R. Oakes | OAKES, TAMIKA R.
Tamika Oakes Consulting | OAKES, TAMIKA R. DBA TAMIKA OAKES CONSULTING
Northgate Electrical Svcs Inc | NORTHGATE ELECTRICAL SERVICES, INC.
HARBORVIEW ENVIRONMENTAL CONSU | Harborview Environmental Consultants, Inc.
PINNACLE FACILITY MAINTENANCE AND JANITO | Pinnacle Facility Maintenance and Janitorial Services LLC
Starfish Media LLC dba Bluefin Studio | Bluefin Studio
Starfish Media LLC dba Bluefin Studio | STARFISH MEDIA, LLC
Starfish Media LLC (DBA: Bluefin Studio) | BLUEFIN STUDIO, INC.
Starfish Media d/b/a Bluefin Studio | Bluefin Studio
Zenith Dev. Corp. | Zenith Development Corporation
Castaneda Trucking, Inc | Castañeda Trucking Inc.
O'Rourke Paving LLC | O\u2019Rourke Paving
A. B. Wynn & Assoc. | AB Wynn and Associates, Inc.
TechBridge Solutions | Tech Bridge Solutions, LLC
Safehaven | Safe Haven, inc
Vantage Point Intl | Vantage Point International, Inc
Sable Security Services (SSS) | SSS Sable Security Services, Inc.
MARIA RIVERA | RIVERA, MARIA L
Hopkins Bros. Roofing | Hopkins Brothers Roofing Co
Cedar Creek Landscaping LLC | Cedar Creek Landscape, LLC
Lumen Technolgies LLC | Lumen Technologies, LLC
Seville Construction Services | Seville Constriction Services
Hernandez Fence Company | HERNANDES FENCE COMPANY
E-Z Movers | EZ MOVERS, INC
U.S. Steel Erectors | US Steel Erectors Inc
Gulfstar Supply | Gulf  Star Supply Co., Inc.
Ellison &amp; Daughters | ELLISON AND DAUGHTERS
Petrós Glass™ | Petros Glass
Delgado Catering | DELGADO CATERING CORPORATON
Brightpath™ Consulting LLC | BRIGHTPATH CONSULTING LLC
Brightpath (R) Consulting LLC | BRIGHTPATH CONSULTING LLC
½ Price Movers LLC | 1/2 PRICE MOVERS LLC
½ Price Movers LLC | HALF PRICE MOVERS LLC
E=MC² Tutoring LLC | E = MC2 TUTORING LLC
H₂O Plumbing | H2O PLUMBING
№ 1 Catering | #1 CATERING
4 Seasons Landscaping | FOUR SEASONS LANDSCAPING
Łukasz Nowak Design LLC | LUKASZ NOWAK DESIGN LLC
Đặng Nail Supply LLC | DANG NAIL SUPPLY LLC
Đỗ Thị Hạnh Studio | DO THI HANH STUDIO
Müller Bau LLC | MUELLER BAU LLC
Müller Bau LLC | MUELLER BAU LLC
Müller Bau LLC | MULLER BAU LLC
Ørsted Design | OERSTED DESIGN
Ørsted Design | ORSTED DESIGN
Åse Lund Interiors | AASE LUND INTERIORS
Weiß Tailoring | WEISS TAILORING
Þórsson Fishing | THORSSON FISHING
Işık Kebap | ISIK KEBAP
Muñoz–García Design | MUNOZ-GARCIA DESIGN
Kāneʻohe Tours | KANEOHE TOURS
Núñez & Hijos | NUNEZ AND HIJOS
Жуков Studio | ZHUKOV STUDIO
ＡＢＣ Dental Lab | ABC DENTAL LAB
✨ Sparkle Cleaning ✨ | SPARKLE CLEANING
KCorp Services Inc. | K Corp Services, Inc.
AtHome Nursing | AT HOME NURSING, LLC
BuildCo Drywall | Build Co Drywall Inc
RLM (Rainier Lake Masonry Inc) | Rainier Lake Masonry
Rainier Lake Masonry (RLM) | RLM, LLC
Starfish Media (Bluefin Studio) | Bluefin Studio dba Starfish Media
Starfish Media o/a Bluefin Studio | Bluefin Studio
Starfish Media formerly d/b/a Bluefin Studio | Bluefin Studio
NKA Architects dba Bluefin Studio | Bluefin Studio
NKA Architects dba Bluefin Studio | NKA Architects
D/B/A Bluefin Studio | Bluefin Studio
DBA: Bluefin Studio | Bluefin Studio
Starfish Media, doing business under Bluefin Studio | Bluefin Studio LLC
李明 Li Ming Trading Co | LI MING TRADING CO
LI MING TRADING LLC | 李明贸易有限公司 Li Ming Trading LLC
김밥천국 Kimbap Heaven Inc | KIMBAP HEAVEN INC
株式会社 田中 Tanaka Imports | TANAKA IMPORTS
شركة النور Al-Noor Services | AL NOOR SERVICES
कुमार Kumar Sweets LLC | KUMAR SWEETS LLC
Иванова Ivanova Advising | IVANOVA ADVISING
Müller & Söhne GmbH | MUELLER AND SOEHNE
Sørensen Design | SOERENSEN DESIGN
Lefort et Fils Inc | LEFORT & FILS INC
Brandt und Partner | BRANDT & PARTNER
Yıldırım & Oğulları | YILDIRIM VE OGULLARI
Marcel·la Disseny | MARCELLA DISSENY
Ștefănescu & Țepeș | STEFANESCU & TEPES
PeÃ±a Design | PEÑA DESIGN
Oakes Legal PLLC | Oakes Legal Professional Limited Liability Company
Oakes Dental, A Prof. Corp. | Oakes Dental PC
Oakes Dental S.C. | Oakes Dental
Oakes, APC | Oakes, A Professional Law Corporation
¼ Mile Racing | QUARTER MILE RACING
Voss Bldrs & Dev'l | VOSS BUILDERS & DEVELOPMENT
""".strip().split("\n")
OTHERS = """
Smith Construction | Smith Consulting
ABC Electric | ABC Electrical Supply
J&J Trucking | J&L Trucking
Delta Group II | Delta Group III
Delta Group | Delta Group II
Premier Cleaning Services | Premier Catering Services
Hayes Construction | R. L. Hayes Construction Co.
Condor, Inc. | Condor Security of America
RBT Electric | RB Electric
National Paving | National Plumbing
Lee Construction | Lee Construction Management
Banks Engineering Services | Baker Engineering Services
Smith, John A. | Smith, John B.
Adam Associates | Adams Associates
Robert Jones CPA | Roberta Jones CPA
Crown Painting | Crown Printing
A & A Construction | A & B Construction
K2 Engineering | K3 Engineering
Brown Services | Brown Solutions
Phoenix Group | Phoenix Enterprises
Martin Consulting | Martinez Consulting
李明 Nail Salon | 김 Nail Salon
SC Electric | NA Electric
John Smith Jr. Paving | John Smith Sr. Paving
Operating Under Pressure LLC | Pressure LLC
NKA Architects | Architects
NKA Design Group | Design Group
The NKA Design Group | Design Group
O/A Systems | Systems Inc
T/A Logistics LLC | Logistics LLC
Formerly Homeless Inc | Homeless Inc
Trading As One | One
AKA Design | Design
FKA Twigs | Twigs
DBA Studio | Studio
D.B.A. Studio | Studio
Now Known As Grace | Grace
Better Known As Ruth LLC | Ruth LLC
Doing Business As Unusual | Unusual Inc
Operating As One Consulting | One Consulting
""".strip().split("\n")


def pair(line):
    return [name.strip() for name in line.split(" | ")]


@pytest.mark.parametrize("line", SAME)
def test_one_business_is_recognized_in_every_spelling(line):
    assert names.score(*pair(line)) >= names.AGREES


@pytest.mark.parametrize("line", OTHERS)
def test_two_businesses_are_not_taken_for_one(line):
    assert names.score(*pair(line)) < names.AGREES


BESIDE_NUMBER = """
Telecote Research | Tecolote Research Inc
Carney, Inc. | Team Carney, Inc.
Rainier Lake Masonry Company | RLMC
Rainier Lake Masonry | RLM, Inc.
RLM Rainier Lake Masonry | Rainier Lake Masonry
J. Halloran Consulting | Jane Halloran Consulting LLC
Garcia & Sons Electric | Garcia Electrical Contractors
Law Offices of Ana Varga | Ana Varga, Esq.
Bioquest | BioQuest Innovations
AQR Roofing Supply | Team AQR Roofing Supply
Lagoon Dredging dba Blue Heron | Blue Heron Marine (Lagoon)
"""
NOT_EVEN_BESIDE_NUMBER = """
Smith Construction | Smith Consulting
Delta Group | Delta Group II
Delta Group II | Delta Group III
J&J Trucking | J&L Trucking
Premier Cleaning Services | Premier Catering Services
RBT Electric | RB Electric
National Paving | National Plumbing
Banks Engineering Services | Baker Engineering Services
Smith, John A. | Smith, John B.
Adam Associates | Adams Associates
Robert Jones CPA | Roberta Jones CPA
Crown Painting | Crown Printing
K2 Engineering | K3 Engineering
Brown Services | Brown Solutions
Phoenix Group | Phoenix Enterprises
Martin Consulting | Martinez Consulting
Alpha Omega Craftsmen | Alpha Omega Enterprise
B Solutions | Blount Solutions
ISR Masonry Inc | Ingrid Sorensen
IDR Service, Inc. | Drywall Services (ISI)
"""


@pytest.mark.parametrize("line", [*SAME, *BESIDE_NUMBER.strip().split("\n")])
def test_beside_the_same_number_a_lower_score_is_enough(line):
    assert names.score(*pair(line), beside_number=True) >= names.AGREES_BY_NUMBER


@pytest.mark.parametrize("line", BESIDE_NUMBER.strip().split("\n"))
def test_without_a_number_that_score_is_not_enough(line):
    assert names.score(*pair(line)) < names.AGREES


@pytest.mark.parametrize("line", NOT_EVEN_BESIDE_NUMBER.strip().split("\n"))
def test_two_businesses_are_not_taken_for_one_beside_the_same_number(line):
    assert names.score(*pair(line), beside_number=True) < names.AGREES_BY_NUMBER


@pytest.mark.parametrize(
    "line",
    [
        "Quill and Ledger LLC | Harbor Freight Movers",
        "Smith Construction | Smith Consulting",
        "Łukasz Nowak | Đặng Nails",
    ],
)
def test_a_different_business_beside_the_same_number_is_a_contradiction(line):
    assert names.score(*pair(line), beside_number=True) < names.DIFFERS


def test_a_name_of_something_else_scores_low():
    assert names.score("Quill and Ledger LLC", "Harbor Freight Movers") < names.DIFFERS


texts = st.text(max_size=60) | st.lists(
    st.sampled_from(["Acme", "Services", "LLC", "dba", "&", "II", "A.", "(", ")", "Voss", "Constr", ",", "The"])
).map(" ".join)


@pytest.mark.slow
@given(texts, texts)
@settings(max_examples=300, deadline=None)
def test_the_score_is_the_same_in_either_order_and_within_bounds(one, other):
    assert names.score(one, other) == pytest.approx(names.score(other, one))
    beside_number = names.score(one, other, beside_number=True)
    assert beside_number == pytest.approx(names.score(other, one, beside_number=True))
    assert 0 <= names.score(one, other) <= beside_number <= 1
    assert names.words(one) == sorted(set(names.words(one)))


@pytest.mark.slow
@given(texts)
@settings(max_examples=200, deadline=None)
def test_every_name_with_a_letter_agrees_with_itself(name):
    if any(letter.isalnum() for letter in name) and names.Name(name).sides:
        assert names.score(name, name) == 1


@pytest.mark.slow
@given(texts, texts)
@settings(max_examples=200, deadline=None)
def test_the_runs_that_differ_join_to_the_text_as_printed(one, other):
    left, right = names.differing(one, other)

    assert "".join(text for text, _ in left) == one
    assert "".join(text for text, _ in right) == other


def test_differing_words_are_marked_but_legal_forms_are_not():
    reported, listed = names.differing("Smith Consulting LLC", "SMITH CONSTRUCTION, INC.")

    assert [text for text, differs in reported if differs] == ["Consulting"]
    assert [text for text, differs in listed if differs] == ["CONSTRUCTION"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Łukasz Nowak Design™", "LUKASZ NOWAK DESIGN"),
        ("Nu\u0301n\u0303ez O´Brien", "NUNEZ O'BRIEN"),
        ("Müller ½ Price", "MUELLER 1/2 PRICE"),
    ],
)
def test_words_that_fold_alike_are_not_marked(one, other):
    assert names.differing(one, other) == ([(one, False)], [(other, False)])


@pytest.mark.parametrize("name", ["", "   ", "...", "LLC", "&", "A" * 10_000, "dba " * 2_000, "(" * 5_000, "\0"])
def test_odd_and_long_names_are_scored_too(name):
    started = time.perf_counter()
    names.score(name, "Quill and Ledger LLC")
    names.words(name)
    names.differing(name, "Quill and Ledger LLC")

    assert time.perf_counter() - started < 2  # a bound against hanging, not a measurement


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Brightwater Consulting LLC", "BRIGHTWATER CONSULTANTS"),
        ("Tech Bridge Solutions", "TechBridge"),
        ("Sevile Construction", "Seville Construction"),
        ("Tamika R. Oakes", "OAKES, TAMIKA"),
        ("Bluefin Studio", "Starfish Media LLC dba Bluefin Studio"),
        ("Łukasz Nowak", "LUKASZ NOWAK"),
        ("Müller Bau", "MUELLER BAU"),
        ("Đặng™ Supply", "DANG SUPPLY"),
    ],
)
def test_other_spellings_share_a_key(one, other):
    trades = set(names.words("Construction Consulting Studio Solutions"))

    assert set(names.words(one)) & set(names.words(other)) - trades


# The command


def run(path, *rows, header="reported_name,reported_number,directory_name,directory_number,label"):
    path.write_text("\ufeff" + "\n".join([header, *rows]), encoding="utf-8")
    output = io.StringIO()
    call_command("match_names", str(path), stdout=output)
    return list(csv.DictReader(io.StringIO(output.getvalue())))


def test_the_command_adds_score_and_agrees_and_keeps_other_columns(tmp_path):
    rows = run(
        tmp_path / "pairs.csv",
        'Quill & Ledger,007,"Quill and Ledger, LLC",7,a',
        "Quill & Ledger,007,Quill and Ledger,8,b",
        "Quill & Ledger,,Quill and Ledger,8,c",
        "Quill & Ledger,7,Harbor Movers,7,d",
        "Lee Construction,7,Lee Construction Management,07,e",
        "Lee Construction,,Lee Construction Management,7,f",
        "Carney,No. 16-346,Team Carney,16346,g",
        "Carney,7,Team Carney,7,h",
        "Quill & Ledger,NCDOT 115128,Quill and Ledger,0000115128,i",
        "Quill & Ledger,WBE 115128,Quill and Ledger,MBE 115128,j",
        "Quill & Ledger,115128,Quill and Ledger,115129,k",
    )

    assert [(row["label"], row["score"], row["agrees"]) for row in rows[:3]] == [
        ("a", "1.0000", "true"),
        ("b", "1.0000", "false"),  # the numbers are of two certificates
        ("c", "1.0000", "true"),
    ]
    agrees = {row["label"]: row["agrees"] == "true" for row in rows[3:]}
    assert agrees == {
        "d": False,
        "e": True,
        "f": False,
        "g": True,  # a specific number: less is needed of the name
        "h": False,  # a short one may be another's with a slip
        "i": True,  # but for letters around it
        "j": False,
        "k": False,
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"reported_name\nx", "has no column reported_number, directory_name, directory_number"),
        (b"reported_name,reported_number,directory_name,directory_number\n\xff,1,x,1", "not in UTF-8"),
    ],
)
def test_the_command_says_what_is_wrong_with_a_table(tmp_path, content, message):
    path = tmp_path / "pairs.csv"
    path.write_bytes(content)

    with pytest.raises(CommandError, match=message):
        call_command("match_names", str(path), stdout=io.StringIO())


def test_the_command_says_that_there_is_no_file(tmp_path):
    with pytest.raises(CommandError, match="There is no file"):
        call_command("match_names", str(tmp_path / "none.csv"))
