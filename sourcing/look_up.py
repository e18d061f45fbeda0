"""Looking up a certificate that someone holds in hand: by its number, or by the legal business name on it."""

from certifications.models import Certification
from certifications.registers.vocabulary import CONNECTING, LEGAL_FORMS
from common.searching import typed_words
from profiles.models import Profile

MOST = 20  # profiles that are shown


def telling_words(text):
    """The words of a legal business name that tell businesses apart, as `typed_words` has them.

    Certificates and their owners write "LLC" and "and" in many ways, or leave them out.
    """
    common = LEGAL_FORMS | CONNECTING
    return [parts for parts in typed_words(text) if "".join(parts).upper() not in common]


def find(viewer, text):
    """The profiles that `viewer` may find by a certificate of this number or legal business name: list, by name.

    At most MOST and one more. Two queries, whatever is found.
    """
    findable = Certification.objects.findable_by(viewer)
    found = findable.of_number_or_name(text, telling_words(text)).order_by().values("profile")
    return list(Profile.objects.active().filter(pk__in=found).order_by("name", "pk")[: MOST + 1])
