"""Looking up a certificate that someone holds in hand: by its number, or by the legal business name on it."""

from certifications.models import Certification, Consent
from certifications.models.record_queries import SHORTEST_BEGINNING
from certifications.sharing.consents import FOUND_BY_CERTIFICATE, versions_since
from common.searching import Word, typed_words
from profiles.models import Profile
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from verification.registers.vocabulary import CONNECTING, LEGAL_FORMS

MOST = 20  # profiles that are shown


def telling_words(text: str) -> list[Word]:
    """Return the words of a legal business name that tell businesses apart.

    Certificates and their owners write "LLC" and "and" in many ways, or leave them out.
    """
    common = LEGAL_FORMS | CONNECTING
    return [word for word in typed_words(text) if "".join(word.parts).upper() not in common]


def name_words(text: str) -> list[Word]:
    """Return the telling words, if one is long enough to find a business by; else none."""
    words = telling_words(text)
    return words if any(len("".join(word.parts)) >= SHORTEST_BEGINNING for word in words) else []


def find(viewer: Viewer, policy: RolloutPolicy, text: str) -> list[Profile]:
    """Return the profiles that `viewer` may find by a certificate of this number or legal business name, by name.

    At most MOST and one more. Two queries, whatever is found.
    """
    agreed_to = versions_since(Consent.Purpose.FIND, FOUND_BY_CERTIFICATE)
    findable = Certification.objects.findable_by(viewer, policy, agreed_to=agreed_to)
    found = findable.of_numbers_or_names([text], [name_words(text)]).order_by().values("profile")
    return list(Profile.objects.active().filter(pk__in=found).order_by("name", "pk")[: MOST + 1])
