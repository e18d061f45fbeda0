"""One spelling for texts that are written alike, for comparison and search. A folded text is never shown."""

import re
import unicodedata

from anyascii import anyascii

TYPED_SIGNS = re.compile(r"\((?:R|C|TM|SM)\)")
APOSTROPHES = str.maketrans("", "", "'`")
MEANINGLESS = "™®©℠Ⓡ🅪🅫🅬"
FRACTIONS = "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"


class _Symbols(dict):
    """The replacement of each character beyond ASCII before it is spelled in Latin letters, by code point."""

    def __missing__(self, number: int) -> str:
        letter = chr(number)
        match unicodedata.category(letter):
            case "Sk" | "Cf" if number > 127:  # accents that stand alone, and marks that cannot be seen
                self[number] = ""
            case "So" if unicodedata.normalize("NFKC", letter) == letter:  # emoji and dingbats, but not № and Ⓐ
                self[number] = " "
            case _:
                self[number] = letter
        return self[number]


SYMBOLS = _Symbols(
    str.maketrans(
        dict.fromkeys(MEANINGLESS, " ")
        | {fraction: f" {fraction}" for fraction in FRACTIONS}  # 5½ is 5 1/2 and not 51/2
        | {"\u00d7": "x"}  # the times sign of 2 x 4
    )
)


def fold(text: str) -> str:
    """Return `text` in ASCII capitals, without accents, apostrophes, trademark signs and emoji, with single spaces.

    Letters of every script are spelled in Latin ones, and typography as on a typewriter: Ł becomes L, ½ 1/2, ﬁ FI, and
    every dash a hyphen. Folding twice changes nothing.
    """
    if not text.isascii():
        text = text.replace("ᵀᴹ", "™").replace("ˢᴹ", "℠")
        text = anyascii(unicodedata.normalize("NFKC", text.translate(SYMBOLS)))
    text = text.upper().translate(APOSTROPHES)
    if "(" in text:
        text = TYPED_SIGNS.sub(" ", text)
    return " ".join(text.split())
