"""What an admin of a client enters about its email domains and its identity provider."""

import re
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django import forms

from common.forms import OpenedForm, field_of, mark_conditional
from common.sealing import sealed
from common.text import TextField
from integrations.hosts import in_ascii
from integrations.models import EmailDomain, IdentityProvider
from integrations.sign_on import oidc, saml
from integrations.sign_on.claims import BadProvider
from profiles.models import ClientMembership, User

DOMAIN = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")


class DomainForm(forms.ModelForm):
    """A domain to verify. The view passes an instance with its client."""

    class Meta:
        model = EmailDomain
        fields = ["name"]
        help_texts = {"name": "What stands after the @ in your members' addresses, like example.com."}
        error_messages = {"name": {"required": "Enter a domain"}}

    def clean_name(self) -> str:
        """Return the domain as addresses have it; it may be pasted with an @ or as the address of a website."""
        typed = self.cleaned_data["name"].strip().lower()
        name = typed.removeprefix("https://").removeprefix("http://").removesuffix("/").rpartition("@")[2]
        try:
            name = in_ascii(name)
        except ValueError:
            name = ""
        if not DOMAIN.fullmatch(name):
            raise forms.ValidationError("Enter a domain like example.com")
        return name

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"client"}


class OIDCForm(OpenedForm):
    """The settings of a provider with OpenID Connect. The view passes an instance with the client."""

    client_secret = TextField(
        label="Client secret",
        strip=False,
        max_length=500,
        widget=forms.PasswordInput({"autocomplete": "off"}),
        error_messages={"required": "Enter the client secret"},
    )

    class Meta:
        model = IdentityProvider
        fields = ["issuer", "client_key"]
        labels = {"issuer": "Issuer", "client_key": "Client ID"}
        help_texts = {
            "issuer": "The https:// address that your provider calls itself by. It isn't the address to sign in at.",
            "client_key": "Your provider shows it once you add this site there.",
        }
        error_messages = {"issuer": {"required": "Enter the issuer"}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["client_key"].required = True
        if self._has_secret():
            secret = self.fields["client_secret"]
            secret.required = False
            secret.help_text = "Leave it empty to keep the secret that you saved for this issuer and client ID."
            mark_conditional(secret)

    def _has_secret(self) -> bool:
        """Return whether a secret is saved for the provider as it is set up now, and not for one before it."""
        return bool(self.instance.client_secret) and self.instance.protocol == IdentityProvider.Protocol.OIDC

    def clean_issuer(self) -> str:
        """Return the provider's own name for itself, read from the provider."""
        typed = self.cleaned_data["issuer"].strip().removesuffix(oidc.WELL_KNOWN)
        try:
            return str(oidc.read_configuration(typed)["issuer"])
        except BadProvider as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        """Ask for the secret again before it would go to another provider than it was saved for."""
        cleaned = super().clean()
        is_another = any(cleaned.get(name, self.initial[name]) != self.initial[name] for name in self.Meta.fields)
        if self._has_secret() and is_another and not cleaned.get("client_secret"):
            self.add_error("client_secret", "Enter the client secret again to change the issuer or the client ID")
        return cleaned

    def save(self, commit: bool = True) -> IdentityProvider:
        self.instance.protocol = IdentityProvider.Protocol.OIDC
        if secret := self.cleaned_data["client_secret"]:
            self.instance.client_secret = sealed(secret)
        return super().save(commit)


class SAMLForm(forms.ModelForm):
    """The settings of a provider with SAML, all of them from its metadata. The view passes an instance."""

    metadata = TextField(
        label="Metadata",
        widget=forms.Textarea({"rows": 12, "spellcheck": "false", "autocomplete": "off"}),
        max_length=saml.MOST_LETTERS,
        help_text="The XML that your provider shows or lets you download. Paste all of it.",
        error_messages={"required": "Paste the metadata of your provider"},
    )

    class Meta:
        model = IdentityProvider
        fields = []

    def clean_metadata(self) -> saml.Metadata:
        try:
            found = saml.read(self.cleaned_data["metadata"])
        except BadProvider as error:
            raise forms.ValidationError(str(error)) from error
        if len(found.issuer) > self.instance._meta.get_field("issuer").max_length:
            raise forms.ValidationError("The name of the provider in its metadata is too long.")
        return found

    def save(self, commit: bool = True) -> IdentityProvider:
        self.instance.protocol = IdentityProvider.Protocol.SAML
        found = self.cleaned_data["metadata"]
        self.instance.issuer = found.issuer
        self.instance.sign_in_url, self.instance.certificates = found.sign_in_url, found.certificates
        return super().save(commit)


class AccessForm(OpenedForm):
    """Whom the provider signs in."""

    class Meta:
        model = IdentityProvider
        fields = ["is_on", "adds_people", "is_enforced", "break_glass"]
        labels = {
            "is_on": "Let members sign in through your provider",
            "adds_people": "Add people at first sign-in",
            "is_enforced": "Require it",
            "break_glass": "Admin who can still use a password",
        }
        help_texts = {
            "adds_people": "People with an address in your domains become members. Otherwise, an admin adds them.",
            "is_enforced": (
                "Members can't use a password once they have signed in through your provider, or if their account is "
                "your organization's alone. When you turn it on, they are signed out everywhere, except for you and "
                "the admin below."
            ),
            "break_glass": "For the day when your provider doesn't work. They need two-step sign-in.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = field_of(self, "break_glass", forms.ModelChoiceField)
        admins = ClientMembership.objects.filter(client=self.instance.client, role=ClientMembership.Role.ADMIN)
        field.queryset = User.objects.filter(client_memberships__in=admins, is_active=True)
        field.empty_label = "No one"
        mark_conditional(*self.fields.values())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("is_on") and not self.instance.client.email_domains.verified().exists():
            self.add_error("is_on", "Verify a domain first")
        if cleaned.get("is_enforced"):
            admin = cleaned.get("break_glass")
            if not cleaned.get("is_on"):
                self.add_error("is_enforced", "Turn on sign-in through your provider first")
            if admin is None:
                self.add_error("break_glass", "Choose an admin who can still use a password")
            elif not is_mfa_enabled(admin):
                self.add_error("break_glass", f"{admin.get_short_name()} has to turn on two-step sign-in first")
        return cleaned
