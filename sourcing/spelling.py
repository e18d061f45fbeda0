"""How profiles spell what somebody searched for and found nobody by. Of public words alone: whoever has them, certified
or not, is in the listing of everybody.
"""

from django.db import connection
from rapidfuzz import process
from rapidfuzz.distance import OSA

from common.searching import typed_words

RECENT = 1000  # profiles, the most recently active, so that it costs the same of any number
SHORTEST = 4  # letters: what is shorter is near to too much

# The words of RECENT profiles, the most frequent first.
VOCABULARY = """
SELECT word
FROM (SELECT terms FROM sourcing_listing ORDER BY active_at DESC, profile_id DESC LIMIT %s) AS recent,
     unnest(tsvector_to_array(terms)) AS word
WHERE word NOT LIKE '~%%' AND length(word) >= %s
GROUP BY word ORDER BY count(*) DESC, word
"""


def nearest(text):
    """`text` with each word that no recent profile has as the nearest that one has, or "" if nothing is near.

    One query.
    """
    with connection.cursor() as cursor:
        vocabulary = [word for (word,) in cursor.execute(VOCABULARY, [RECENT, SHORTEST])]
    typed = [part for word in typed_words(text) for part in word.parts]
    near = [_nearest(word, vocabulary) for word in typed]
    return " ".join(near) if near != typed else ""


def _nearest(word, vocabulary):
    if len(word) < SHORTEST or any(known.startswith(word) for known in vocabulary):
        return word
    found = process.extractOne(word, vocabulary, scorer=OSA.distance, score_cutoff=2 if len(word) > 7 else 1)
    return found[0] if found else word
