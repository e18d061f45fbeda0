"""How easy the product's texts are to read: `python -m benchmarks.reading` prints Flesch's score of each subject.

60 to 70 is plain English, which most 13-year-olds read with ease. Names of the trade count like all other words:
"certification" alone has five syllables.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from devtools.texts import CATALOG, Text, all_texts

WANTED = 60
FEWEST_WORDS = 4  # shorter ones are labels, not sentences


class Reading(NamedTuple):
    """How many sentences, words and syllables a subject has."""

    sentences: int
    words: int
    syllables: int

    @property
    def score(self) -> float:
        """Flesch's reading ease."""
        return 206.835 - 1.015 * self.words / self.sentences - 84.6 * self.syllables / self.words


def syllables(word: str) -> int:
    """Return about how many syllables an English word has: groups of vowels, without a silent "e" or "ed"."""
    word = re.sub(r"(?<=[^aeiouytdl])e[sd]?$|(?<=[td])es?$|(?<=[aeiouy][lt])es?$", "", word.lower())
    return max(1, len(re.findall(r"[aeiouy]+", word)))


def reading(texts: Iterable[str]) -> Reading:
    """Return the counts of `texts` together. A text without an end is one sentence."""
    sentences, counted = 0, []
    for text in texts:
        for sentence in re.split(r"(?<=[.!?])\W*\s", text):
            words = re.findall(r"[A-Za-z][A-Za-z']*", sentence)
            if words:
                sentences += 1
                counted += words
    return Reading(sentences, len(counted), sum(map(syllables, counted)))


def subject(text: Text) -> str:
    """Return what a text belongs to: an app, its emails, its administration, or the catalog."""
    parts = text.path.split("/")
    if text.path == CATALOG:
        return "catalog"
    if parts[0] != "templates":
        return f"{parts[0]}: administration" if "admin" in parts else f"{parts[0]}: messages"
    if parts[1] in {"mail", "admin"} and len(parts) > 3:
        return f"{parts[2]}: {'emails' if parts[1] == 'mail' else 'administration'}"
    return f"{parts[1].removesuffix('.html')}: pages"


def main() -> None:
    """Print a line for each subject, the hardest first, and with a subject's name its hardest texts."""
    by_subject = defaultdict(list)
    for text in all_texts():
        if len(text.words.split()) >= FEWEST_WORDS:
            by_subject[subject(text)].append(text)
    everything = reading(text.words for texts in by_subject.values() for text in texts)
    if len(sys.argv) > 1:
        hardest = sorted(by_subject[sys.argv[1]], key=lambda text: reading([text.words]).score)
        for text in hardest[:40]:
            print(f"{reading([text.words]).score:6.0f}  {text.path}:{text.line}  {text.words}")
        return
    scores = {name: reading(text.words for text in texts) for name, texts in by_subject.items()}
    for name, score in sorted(scores.items(), key=lambda item: item[1].score):
        print(f"{score.score:6.1f}  {name} ({score.words} words)")
    print(f"{everything.score:6.1f}  everything ({everything.words} words), wanted: {WANTED}")


if __name__ == "__main__":
    main()
