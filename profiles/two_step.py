"""Two-step sign-in: the codes of an authenticator app and the recovery codes, both of which allauth checks."""

import logging

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret

from common import sealing
from profiles.account_mail import AccountAdapter

logger = logging.getLogger(__name__)

SECRETS = ("secret", "seed")  # of an app's codes and of recovery codes, as allauth keeps them in `data`


class TwoStepAdapter(DefaultMFAAdapter):
    """Says what to do about a wrong code, and seals what codes are computed from."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"]
    }

    def encrypt(self, text: str) -> str:
        return sealing.sealed(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret, or one that no code fits if no key of the site reads it any more."""
        try:
            return sealing.unsealed(encrypted_text)
        except sealing.Unreadable:
            logger.exception("A second factor is sealed with a key that is neither SECRET_KEY nor among its fallbacks.")
            return generate_totp_secret()


def seal_anew() -> int:
    """Seal with the newest key what an older one sealed, so that the older can be removed. Returns how many."""
    count = 0
    for factor in Authenticator.objects.iterator() if sealing.has_older_keys() else ():
        sealed = {name: sealing.sealed_anew(factor.data[name]) for name in SECRETS if name in factor.data}
        if anew := {name: token for name, token in sealed.items() if token}:
            # Unless a recovery code was used meanwhile, which must not become new again.
            same = Authenticator.objects.filter(pk=factor.pk, data=factor.data)
            count += same.update(data=factor.data | anew)
    return count
