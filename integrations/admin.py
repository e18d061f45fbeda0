"""What staff see of how clients sign in. Clients change it themselves."""

# allauth's own pages about providers and OAuth are loaded before this module so that they can be taken away below.

import allauth.idp.oidc.admin
import allauth.socialaccount.admin  # noqa: F401
from allauth.idp.oidc.models import Client as OAuthClient
from allauth.idp.oidc.models import Token as OAuthToken
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin

from common.back_office import ReadOnlyAdmin
from integrations.models import EmailDomain, IdentityProvider

for model in (OAuthClient, OAuthToken, SocialAccount, SocialApp, SocialToken):
    admin.site.unregister(model)


@admin.register(IdentityProvider)
class IdentityProviderAdmin(ReadOnlyAdmin):
    """How a client signs in, for support. Its secret is not shown."""

    list_display = ("client", "protocol", "issuer", "is_on", "is_enforced", "changed_at")
    list_filter = ("protocol", "is_on", "is_enforced")
    search_fields = ("client__name__has_part", "issuer__has_part")
    fields = (
        "client", "protocol", "issuer", "client_key", "is_on", "adds_people", "is_enforced", "break_glass",
        "changed_by", "changed_at",
    )  # fmt: skip


@admin.register(EmailDomain)
class EmailDomainAdmin(ReadOnlyAdmin):
    """The email domains of clients."""

    list_display = ("name", "client", "added_at", "verified_at", "missing_since")
    search_fields = ("name__has_part", "client__name__has_part")
    fields = ("client", "name", "record", "added_by", "added_at", "verified_at", "checked_at", "missing_since")
    readonly_fields = ("record",)
