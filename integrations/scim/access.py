"""Gives the people of a client's directory access, and takes it: memberships of the client, and nothing else.

Whoever the directory names is given access only as far as the client may speak for them: by an address in a domain
that it has verified. Staff are never given any, nor is an account opened again that the marketplace closed.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from allauth.account.models import EmailAddress
from django.db import IntegrityError, models, transaction
from django.db.models import Exists, OuterRef, QuerySet

from common.text import readable
from integrations.models import DirectoryGroup, DirectoryPerson, EmailDomain
from profiles import members
from profiles.models import Client, ClientMembership, User


class Standing(models.TextChoices):
    """Whether a person of the directory has access here, and if not, why."""

    MEMBER = "member", "Member"
    INACTIVE = "inactive", "Not active in your directory"
    NO_EMAIL = "no_email", "Your directory gave no email address"
    OTHER_DOMAIN = "other_domain", "The email address isn't in a domain that you have verified"
    STAFF = "staff", "Staff of the marketplace aren't added"
    CLOSED = "closed", "The marketplace has closed this account"
    NOT_CONFIRMED = "not_confirmed", "They have an account here and haven't confirmed its email address"
    TWICE = "twice", "Another person of your directory has this email address"
    REMOVED = "removed", "An admin removed them here"

    @classmethod
    def of(cls, person: DirectoryPerson) -> "Standing":
        """Return the standing of one of `with_standing`."""
        user = person.user
        if not person.is_active:
            return cls.INACTIVE
        if user is None:
            return cls(_obstacle(person) or cls.REMOVED)
        if not user.is_active:
            return cls.CLOSED
        return cls.MEMBER if person.is_member else cls.REMOVED  # type: ignore[attr-defined] # annotated


def with_standing(people: QuerySet[DirectoryPerson]) -> QuerySet[DirectoryPerson]:
    """Add what `Standing.of` needs."""
    memberships = ClientMembership.objects.filter(user=OuterRef("user"), client=OuterRef("client"))
    return people.select_related("user").annotate(is_member=Exists(memberships))


def _obstacle(person: DirectoryPerson) -> Standing | None:
    """Return why an active person of the directory can't be given access, or None if they can be."""
    if not person.email:
        return Standing.NO_EMAIL
    domains = EmailDomain.objects.verified().filter(client=person.client_id)
    if not domains.filter(name=EmailDomain.of(person.email)).exists():
        return Standing.OTHER_DOMAIN
    user = _account(person)
    if user is None:
        return None
    if user.is_staff or user.is_superuser:
        return Standing.STAFF
    if not user.is_active:
        return Standing.CLOSED
    addresses = EmailAddress.objects.filter(user=user, email__iexact=person.email, verified=True)
    if person.user is None and not addresses.exists():
        return Standing.NOT_CONFIRMED
    if DirectoryPerson.objects.filter(client=person.client_id, user=user).exclude(pk=person.pk).exists():
        return Standing.TWICE
    return None


def _account(person: DirectoryPerson) -> User | None:
    """Return the account that the entry is about. Before it is about one, that is whose email address it has."""
    return person.user or User.objects.filter(email__iexact=person.email).first()


def give(person: DirectoryPerson) -> None:
    """Make an active person a member of the client, if they may be. An account is made for who has none."""
    if _obstacle(person) is not None:
        return
    user = _account(person) or _new_account(person)
    if user is None:
        return
    person.user = user
    person.save(update_fields=["user"])
    ClientMembership.objects.get_or_create(user=user, client_id=person.client_id)


def _new_account(person: DirectoryPerson) -> User | None:
    """Return a new account for a person, or None if someone signs up with the address just now."""
    name = readable(person.name)[: User._meta.get_field("name").max_length]
    try:
        with transaction.atomic():
            user = User.objects.create_user(person.email, name=name, purpose=User.Purpose.CLIENT)
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    except IntegrityError:
        return None
    return user


def take(person: DirectoryPerson) -> None:
    """End the membership and every session of a person, whoever is in charge then. What they made here stays."""
    user = person.user
    if user is None:
        return
    for membership in ClientMembership.objects.filter(user=user, client=person.client_id):
        members.end(membership)
    user.end_sessions()


def give_waiting(email: str) -> None:
    """Give access to the people of directories whose account has just confirmed its address."""
    for person in DirectoryPerson.objects.filter(email__iexact=email, is_active=True, user=None):
        with changing(person.client_id):
            give(person)


@contextmanager
def changing(client: int) -> Iterator[None]:
    """Change the people or groups of a client's directory, then give the roles that follow, all or nothing.

    One change of a client's members at a time, as its pages do it.
    """
    with transaction.atomic():
        Client.objects.select_for_update(no_key=True).get(pk=client)
        led = _leading(client)
        yield
        _give_roles(client, led=led)


def _leading(client: int) -> set[int]:
    """Return the keys of those whom a group of the directory makes admins."""
    people = DirectoryPerson.objects.filter(client=client, is_active=True, groups__role=ClientMembership.Role.ADMIN)
    return set(people.exclude(user=None).values_list("user", flat=True))


def _give_roles(client: int, *, led: set[int]) -> None:
    """Make admins of those in groups of admins, and members of all others of the directory.

    Without such a group, roles are given here by hand, and only those whom a group had made admins (`led`) stop being
    one. Someone always stays an admin: the one who was a member first.
    """
    leading = _leading(client)
    memberships = ClientMembership.objects.filter(client=client)
    memberships.filter(user__in=leading).update(role=ClientMembership.Role.ADMIN)
    directory = DirectoryPerson.objects.filter(client=client, is_active=True).exclude(user=None)
    if DirectoryGroup.objects.filter(client=client, role=ClientMembership.Role.ADMIN).exists():
        led = set(directory.values_list("user", flat=True))
    admins = memberships.filter(role=ClientMembership.Role.ADMIN).order_by("pk")
    losing = list(admins.filter(user__in=led - leading).values_list("pk", flat=True))
    if not admins.exclude(pk__in=losing).exists():
        losing = losing[1:]
    memberships.filter(pk__in=losing).update(role=ClientMembership.Role.MEMBER)
