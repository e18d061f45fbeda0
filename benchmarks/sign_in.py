"""A process in which a member signs in, and which reads its own clock. A request is `["compare"]`."""

import json
import sys
import time
from base64 import b64encode
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client as Browser
from django.test import override_settings

from benchmarks.databases import HOST

ROUNDS, WARM_UP = 40, 5
EMAIL, SUBJECT, PASSWORD = "mia@sign-in.example", "m-1", "Rain-on-the-roof-7"
SLUG = "sign-in"


def main():
    with (
        TemporaryDirectory() as folder,
        override_settings(
            # What is measured is the site, and not how slow a hash is made or how often someone may try.
            PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
            ACCOUNT_RATE_LIMITS=False,
        ),
    ):
        bench = Bench(Path(folder))
        for line in sys.stdin:
            [act] = json.loads(line)
            print(json.dumps(getattr(bench, act)()), flush=True)


class Bench:
    def __init__(self, folder):
        from allauth.account.models import EmailAddress
        from django.utils import timezone

        from integrations.models import EmailDomain, IdentityProvider
        from integrations.sign_on import saml
        from profiles.models import Client, ClientMembership, User
        from tests.integrations.saml_provider import SamlProvider

        client, _ = Client.objects.update_or_create(
            slug=SLUG, defaults={"name": "Sign In", "plan": Client.Plan.ENTERPRISE}
        )
        user, _ = User.objects.update_or_create(email=EMAIL, defaults={"name": "Mia"})
        user.set_password(PASSWORD)
        user.save()
        EmailAddress.objects.update_or_create(user=user, email=EMAIL, defaults={"verified": True, "primary": True})
        ClientMembership.objects.get_or_create(user=user, client=client)
        EmailDomain.objects.update_or_create(
            client=client, name="sign-in.example", defaults={"verified_at": timezone.now()}
        )
        found, _ = IdentityProvider.objects.update_or_create(
            client=client, defaults={"is_on": True, "protocol": IdentityProvider.Protocol.SAML}
        )
        # One for all sign-ins, because each builds the middleware anew.
        self.browser = Browser(headers={"host": HOST, "x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.1"})
        ours = self.browser.get(f"/accounts/saml/{SLUG}/metadata/").text
        self.provider = SamlProvider(folder, ours)
        read = saml.read(self.provider.metadata)
        IdentityProvider.objects.filter(pk=found.pk).update(
            issuer=read.issuer, sign_in_url=read.sign_in_url, certificates=read.certificates
        )

    def compare(self):
        """Seconds of CPU of the requests that sign someone in, by turns, without the page where that begins."""
        taken = {"password": [], "saml": []}
        for number in range(WARM_UP + ROUNDS):
            for name, seconds in taken.items():
                self.browser.cookies.clear()
                spent = Spent()
                getattr(self, name)(spent)
                if number >= WARM_UP:
                    seconds.append(spent.seconds)
        return taken

    def password(self, spent):
        self.browser.get("/accounts/login/")
        signed_in = spent(partial(self.browser.post, "/accounts/login/", {"login": EMAIL, "password": PASSWORD}))
        assert signed_in.status_code == 302, signed_in.content

    def saml(self, spent):
        led = spent(partial(self.browser.get, f"/accounts/saml/{SLUG}/login/"))
        xml = self.provider.answer(led["Location"], SUBJECT, attributes={"mail": EMAIL})
        answer = {"SAMLResponse": b64encode(xml.encode()).decode()}
        session = self.browser.cookies.pop(settings.SESSION_COOKIE_NAME)  # which no other site's form sends
        kept = spent(partial(self.browser.post, f"/accounts/saml/{SLUG}/acs/", answer))
        self.browser.cookies[settings.SESSION_COOKIE_NAME] = session.value
        signed_in = spent(partial(self.browser.get, urlsplit(kept["Location"]).path))
        assert signed_in.status_code == 302, signed_in.content


class Spent:
    """The seconds of CPU that some requests took."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self, act):
        cpu = time.process_time()
        response = act()
        self.seconds += time.process_time() - cpu
        return response


if __name__ == "__main__":
    import django

    django.setup()
    main()
