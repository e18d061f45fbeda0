"""One spelling for everything that is written alike."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.folding import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Brightpath™ Consulting", "BRIGHTPATH CONSULTING"),
        ("Brightpath™Consulting", "BRIGHTPATH CONSULTING"),
        ("Brightpath(tm) Consulting (R)", "BRIGHTPATH CONSULTING"),
        ("Brightpathᵀᴹ® ©2026 Serviceˢᴹ", "BRIGHTPATH 2026 SERVICE"),
        ("½ Price Movers", "1/2 PRICE MOVERS"),
        ("9½ Street", "9 1/2 STREET"),
        ("E=MC² Tutoring", "E=MC2 TUTORING"),
        ("№ 5 Café", "NO 5 CAFE"),
        ("2×4 Builders", "2X4 BUILDERS"),
        ("Łukasz Nowak", "LUKASZ NOWAK"),
        ("Đặng Nail Supply", "DANG NAIL SUPPLY"),
        ("Ørsted Æbler Åse Þór Guðrún", "ORSTED AEBLER ASE THOR GUDRUN"),
        ("Weiß & Söhne", "WEISS & SOHNE"),
        ("Ħal Għargħur", "HAL GHARGHUR"),
        ("Işık İnşaat", "ISIK INSAAT"),
        ("Kaʻahumanu O’Brien O´Neil O`Hara O'Dea", "KAAHUMANU OBRIEN ONEIL OHARA ODEA"),
        ("Peña Núñez", "PENA NUNEZ"),
        ("Ｆｕｌｌｗｉｄｔｈ　ＬＬＣ", "FULLWIDTH LLC"),
        ("ﬁne oﬃces", "FINE OFFICES"),
        ("𝗕𝗿𝗶𝗴𝗵𝘁 Ⓐ Ⅲ", "BRIGHT A III"),
        ("a–b—c‑d−e", "A-B-C-D-E"),
        ("“Quoted” ‹text›…", '"QUOTED" <TEXT>...'),
        ("✨ Sparkle ❤️ Cleaning 👩🏽‍🔧", "SPARKLE CLEANING"),
        ("360° Media • Design", "360 MEDIA * DESIGN"),
        ("soft\u00adhyphen \u202dmarks\u202c zero\u200bwidth", "SOFTHYPHEN MARKS ZEROWIDTH"),
        ("one\u00a0two\u2028three\u3000four", "ONE TWO THREE FOUR"),
        ("Жуков", "ZHUKOV"),
        ("李 김", "LI GIM"),
        ("שלום", "SLVM"),
        ("", ""),
    ],
)
def test_texts_that_look_alike_fold_alike(text, folded):
    assert fold(text) == folded


@pytest.mark.slow
@given(st.text() | st.text(alphabet="(RrTtMm)'`™½²ßéŁ №\u0301\u00b4 "))
def test_folding_twice_changes_nothing_and_leaves_ascii(text):
    folded = fold(text)

    assert folded.isascii()
    assert folded == folded.upper().strip()
    assert fold(folded) == folded


@pytest.mark.slow
@given(st.text(alphabet=st.characters(categories=["Lu", "Ll", "Lo", "Mn", "Zs"])))
def test_composed_and_decomposed_text_folds_alike(text):
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))
