"""Whom a client's identity provider signs in: members of that client, by an address in one of its domains.

Once someone has signed in through it, their account is known by the provider's subject and never again by the address.
An account that belongs to anyone else as well is not given to the provider for its address alone.
"""

from typing import NamedTuple

from allauth.account.models import EmailAddress
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from common.text import readable
from integrations.models import DirectoryPerson, EmailDomain, IdentityProvider
from integrations.sign_on.claims import Claims
from profiles.models import ClientMembership, Membership, User


class Refusal(models.TextChoices):
    """Why someone may not sign in, in the words that they read."""

    FAILED = "failed", "Your organization's sign-in didn't work. Try again, or tell an admin of your organization."
    NO_EMAIL = "no_email", "Your organization didn't tell us your email address. Tell an admin of your organization."
    NOT_VERIFIED = (
        "not_verified",
        "Your organization says that your email address isn't verified. Verify it there.",
    )
    OTHER_DOMAIN = "other_domain", "Your email address isn't in a domain that your organization has verified here."
    OFF = "off", "Your organization has turned off this way to sign in."
    STAFF = "staff", "Staff sign in with their password."
    CLOSED = "closed", "This account is closed."
    NOT_A_MEMBER = "not_a_member", "You aren't a member of your organization here. Ask an admin to add you."
    PROVE_FIRST = (
        "prove_first",
        "Your account here isn't your organization's alone. Sign in with your password, then with your organization.",
    )
    ANOTHER_ID = (
        "another_id",
        "Your organization now knows you by another ID. Sign in with your password once, then with your organization.",
    )
    SOMEONE_ELSE = "someone_else", "You signed in there as someone else than here."
    NOT_AGAIN = "not_again", "Your organization didn't ask you to sign in again. Tell an admin of your organization."


class Refused(Exception):
    """The person may not sign in, for `refusal`."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.label)
        self.refusal = refusal


class Admitted(NamedTuple):
    """Who may sign in. `user` is None for someone who has no account yet."""

    user: User | None
    email: str


def admit(found: IdentityProvider, claims: Claims, *, linked: User | None, here: User | None) -> Admitted:
    """Return who may sign in through the provider `found`. Raises Refused. Changes nothing.

    `linked` is whose account the provider's subject already is; `here` is who is signed in on this site, which proves
    an account that is to be linked.
    """
    email = _address(found, claims)
    user = linked or User.objects.filter(email=email).first()
    if user is None:
        if not found.adds_people or _is_kept_out(found, None, email):
            raise Refused(Refusal.NOT_A_MEMBER)
        return Admitted(None, email)
    if user.is_staff or user.is_superuser:
        raise Refused(Refusal.STAFF)
    if not user.is_active:
        raise Refused(Refusal.CLOSED)
    is_member = user.client_memberships.filter(client=found.client_id).exists()
    if not is_member and (linked or not found.adds_people or _is_kept_out(found, user, email)):
        raise Refused(Refusal.NOT_A_MEMBER)
    if not linked and user != here:
        if not (is_member and _belongs_to(found, user)):
            raise Refused(Refusal.PROVE_FIRST)
        if SocialAccount.objects.filter(user=user, provider=found.key).exists():  # whose address it may be no longer
            raise Refused(Refusal.ANOTHER_ID)
    return Admitted(user, email)


def _is_kept_out(found: IdentityProvider, user: User | None, email: str) -> bool:
    """Return whether someone who is no member was one by the client's directory, or is turned off in it."""
    turned_off = Q(email__iexact=email, is_active=False)
    known = turned_off | Q(user=user) if user else turned_off
    return DirectoryPerson.objects.filter(known, client=found.client_id).exists()


def _address(found: IdentityProvider, claims: Claims) -> str:
    """Return the address that the provider tells, if it may speak for it. Raises Refused."""
    email = claims.email.strip().lower()
    try:
        validate_email(email)
        MaxLengthValidator(User._meta.get_field("email").max_length)(email)
    except ValidationError as error:
        raise Refused(Refusal.NO_EMAIL) from error
    if claims.is_verified is False:
        raise Refused(Refusal.NOT_VERIFIED)
    if not _has_domain(found, email):
        raise Refused(Refusal.OTHER_DOMAIN)
    return email


def _has_domain(found: IdentityProvider, email: str) -> bool:
    return EmailDomain.objects.verified().filter(client=found.client_id, name=EmailDomain.of(email)).exists()


def _belongs_to(found: IdentityProvider, user: User) -> bool:
    """Return whether the account of a member is the client's alone, under an address that its person has confirmed."""
    return User.objects.filter(_is_alone_with(found), pk=user.pk).exists()


def _is_alone_with(found: IdentityProvider) -> Q:
    """Return the condition of `_belongs_to`."""
    elsewhere = ClientMembership.objects.filter(user=OuterRef("pk")).exclude(client=found.client_id)
    confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), email=OuterRef("email"), verified=True)
    profiles = Membership.objects.filter(user=OuterRef("pk"))
    return ~Q(Exists(profiles)) & ~Q(Exists(elsewhere)) & Q(Exists(confirmed))


def linked_to(found: IdentityProvider) -> QuerySet[User]:
    """Return the members whom the provider knows by its own subject."""
    accounts = SocialAccount.objects.filter(user=OuterRef("pk"), provider=found.key)
    return User.objects.filter(Exists(accounts), client_memberships__client=found.client_id, is_active=True)


def bound_to(found: IdentityProvider) -> list[User]:
    """Return the members who can't sign in with a password while the provider is enforced. Three queries."""
    members = User.objects.filter(client_memberships__client=found.client_id, is_active=True)
    domains = set(EmailDomain.objects.verified().filter(client=found.client_id).values_list("name", flat=True))
    alone = [user for user in members.filter(_is_alone_with(found)) if EmailDomain.of(user.email) in domains]
    bound = {user.pk: user for user in (*linked_to(found), *alone) if not (user.is_staff or user.is_superuser)}
    return [user for user in bound.values() if must_use(found, user)]


def shut_out_without(domain: EmailDomain) -> int:
    """Return how many members could sign in neither with a password nor through the provider without this domain.

    Their address here stands for the one at the provider. If no domain is left, it doesn't matter which one that is.
    """
    found = IdentityProvider.objects.in_use().filter(client=domain.client_id, is_enforced=True).first()
    if found is None or domain.verified_at is None:
        return 0
    others = EmailDomain.objects.verified().filter(client=domain.client_id).exclude(pk=domain.pk)
    is_last = not others.exists()
    lost = [user for user in linked_to(found) if is_last or EmailDomain.of(user.email) == domain.name]
    return sum(must_use(found, user) for user in lost if not (user.is_staff or user.is_superuser))


@transaction.atomic
def let_in(found: IdentityProvider, claims: Claims, admitted: Admitted) -> User:
    """Return the account of who was admitted, made a member and known by the provider's subject if it wasn't before."""
    user = admitted.user
    if user is None:
        name = readable(claims.name)[: User._meta.get_field("name").max_length]
        user = User.objects.create_user(admitted.email, name=name, purpose=User.Purpose.CLIENT)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    ClientMembership.objects.get_or_create(user=user, client=found.client)
    SocialAccount.objects.get_or_create(provider=found.key, uid=claims.uid, defaults={"user": user})
    return user


def provider_for(address: str) -> IdentityProvider | None:
    """Return the provider that signs in people with this address, whether or not anyone has it."""
    domains = EmailDomain.objects.verified().filter(name=EmailDomain.of(address), client=OuterRef("client"))
    return IdentityProvider.objects.in_use().filter(Exists(domains)).first()


def provider_of(user: User) -> IdentityProvider | None:
    """Return the provider through which `user` can sign in, an enforced one first.

    It stays theirs after they change their address here: no one gets a password back by that.
    """
    if user.is_staff or user.is_superuser:
        return None
    known = set(SocialAccount.objects.filter(user=user).values_list("provider", flat=True))
    for found in (
        IdentityProvider.objects.in_use().filter(client__memberships__user=user).order_by("-is_enforced", "pk")
    ):
        if found.key in known or (_has_domain(found, user.email) and _belongs_to(found, user)):
            return found
    return None


def must_use(found: IdentityProvider, user: User) -> bool:
    """Return whether `user` can't sign in with a password, because `found`, their provider, is enforced."""
    has_another_way = found.break_glass_id == user.pk and is_mfa_enabled(user)
    return found.is_enforced and not has_another_way
