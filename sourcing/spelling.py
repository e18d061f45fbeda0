"""Suggests how profiles spell words that find no profile.

It reads public words alone, those of the listing of everyone, certified or not.
"""

from django.db import connection
from rapidfuzz import process
from rapidfuzz.distance import OSA

from common.searching import typed_words

RECENT = 1000  # profiles, the most recently active, so that it costs the same of any number
SHORTEST = 4  # letters: a shorter word is near too many others

# The words of RECENT profiles, the most frequent first.
VOCABULARY = """
SELECT word
FROM (SELECT terms FROM sourcing_listing ORDER BY active_at DESC, profile_id DESC LIMIT %s) AS recent,
     unnest(tsvector_to_array(terms)) AS word
WHERE word NOT LIKE '~%%' AND length(word) >= %s
GROUP BY word ORDER BY count(*) DESC, word
"""


def nearest(text: str) -> str:
    """Return `text` with the nearest word of a recent profile for each word that none of them has. One query.

    Returns "" if that changes nothing.
    """
    with connection.cursor() as cursor:
        vocabulary = [word for (word,) in cursor.execute(VOCABULARY, [RECENT, SHORTEST])]
    typed = [part for word in typed_words(text) for part in word.parts]
    near = [_nearest(word, vocabulary) for word in typed]
    return " ".join(near) if near != typed else ""


def _nearest(word: str, vocabulary: list[str]) -> str:
    if len(word) < SHORTEST or any(known.startswith(word) for known in vocabulary):
        return word
    found = process.extractOne(word, vocabulary, scorer=OSA.distance, score_cutoff=2 if len(word) > 7 else 1)
    return found[0] if found else word
