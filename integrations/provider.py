"""The protocols in which clients' identity providers sign people in. allauth finds them here by the module's name."""

from typing import Any

from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base import Provider
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.socialaccount.providers.saml.provider import SAMLProvider
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from integrations.models import IdentityProvider
from integrations.sign_on import oidc, saml
from integrations.sign_on.claims import BadProvider, Claims


class Process(models.TextChoices):
    """What someone is sent to the provider for."""

    SIGN_IN = AuthProcess.LOGIN
    AGAIN = "again"  # to confirm that it is still them
    TEST = "test"


class ClientLogin(SocialLogin):
    """A sign-in at a client's provider, with what the provider said."""

    def __init__(self, *, claims: Claims, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.claims = claims


def app_of(found: IdentityProvider) -> SocialApp:
    """Return a client's provider as allauth takes it. It is never saved: the settings stand once, in our own table."""
    kinds = {IdentityProvider.Protocol.OIDC: OrganizationOIDC, IdentityProvider.Protocol.SAML: OrganizationSAML}
    app = SocialApp(
        provider=kinds[IdentityProvider.Protocol(found.protocol)].id,
        provider_id=found.key,
        name=found.client.name,
        client_id=found.client_key,
    )
    app.identity_provider = found
    return app


class Organization(Provider):
    """What the providers of clients have in common."""

    def lead(self, request: HttpRequest, process: Process, next_url: str) -> HttpResponse:
        """Send the person to the provider. Raises BadProvider."""
        raise NotImplementedError

    def get_login_url(self, request: HttpRequest, **kwargs: Any) -> str:
        return reverse(f"{self.id}_login", args=[self.app.identity_provider.client.slug])

    def sociallogin_from_response(self, request: HttpRequest, response: Claims) -> ClientLogin:
        account = SocialAccount(provider=self.sub_id, uid=response.uid, extra_data={})
        return ClientLogin(claims=response, account=account, provider=self)


class OIDCAdapter(OpenIDConnectOAuth2Adapter):
    """allauth's, which asks the provider nothing by itself."""

    @property
    def openid_config(self) -> dict[str, Any]:
        return oidc.configuration(self.get_provider().app.identity_provider.issuer)

    def get_access_token_data(
        self, request: HttpRequest, app: SocialApp, client: Any, pkce_code_verifier: str | None = None
    ) -> dict[str, Any]:
        given = oidc.tokens(
            self.openid_config,
            client=(app.client_id, app.identity_provider.plain_secret),
            code=request.GET["code"],
            redirect_uri=self.get_callback_url(request, app),
            code_verifier=pkce_code_verifier or "",
        )
        if not isinstance(given.get("access_token"), str):
            raise BadProvider("The provider gave no access token.")
        return given

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        return SocialToken(token=data["access_token"])

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> ClientLogin:
        claims = oidc.claims(self.openid_config, kwargs["response"], client_key=app.client_id)
        return self.get_provider().sociallogin_from_response(request, claims)


class OrganizationOIDC(Organization, OpenIDConnectProvider):
    """OpenID Connect: the authorization code flow with PKCE."""

    pkce_enabled_default = True
    oauth2_adapter_class = OIDCAdapter

    def get_oauth2_adapter(self, request: HttpRequest) -> OIDCAdapter:
        return self.oauth2_adapter_class(request, self.app.identity_provider.client.slug)

    def lead(self, request: HttpRequest, process: Process, next_url: str) -> HttpResponse:
        again = {"prompt": "login", "max_age": "0"} if process == Process.AGAIN else {}
        return self.redirect(request, process.value, next_url, auth_params=again)


class OrganizationSAML(Organization, SAMLProvider):
    """SAML: the person is sent there by a redirect and comes back by a form."""

    def lead(self, request: HttpRequest, process: Process, next_url: str) -> HttpResponse:
        address, request_id = saml.ask(request, self.app.identity_provider, again=process == Process.AGAIN)
        self.stash_redirect_state(request, process.value, next_url, state_id=request_id)
        return redirect(address)


provider_classes = [OrganizationOIDC, OrganizationSAML]
