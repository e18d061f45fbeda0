"""The people and groups of one client's directory, as `scim2_server` reads and writes them."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from scim2_models import (
    InvalidValueException,
    Meta,
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    SearchRequest,
    UniquenessException,
)
from scim2_models.path import CompareOperator, Comparison
from scim2_server.memory import InMemoryStorage
from scim2_server.storage import ScimStorage, SearchPage

from common.text import readable
from integrations.models import DirectoryGroup, DirectoryPerson
from integrations.models.directory import DirectoryEntry
from integrations.scim import access
from integrations.scim.provider import GROUP, PERSON, PROVIDER

# What columns hold, or no one may read.
NOT_KEPT = {"id", "meta", "groups", "password"}
LONGEST_KEY = 500  # letters
LONGEST_EMAIL = 254  # letters, of an account's
# What a filter with one "eq" can find by an index: every directory asks so before it creates someone.
INDEXED = {"username": "user_name_key", "externalid": "external_id"}


class Directory(ScimStorage):
    """The directory of a client."""

    def __init__(self, client: int) -> None:
        self.client = client

    @contextmanager
    def operation(self) -> Iterator[None]:
        with transaction.atomic():
            yield

    # Reading

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        return self._resource(self._entry(resource_type, resource_id))

    def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        """Filter, sort and page as the library does, over what an index finds or else the whole directory.

        Without filter and sorting, which is how directories read everything, a page costs no more than its rows.
        """
        if len(resource_types) == 1 and not search_request.filter and not search_request.sort_by:
            entries = self._entries(resource_types[0]).order_by("pk")
            first = search_request.start_index_0 or 0
            last = None if search_request.count is None else first + search_request.count
            return SearchPage(entries.count(), [self._resource(entry) for entry in entries[first:last]])
        found = InMemoryStorage()
        found.resources = [
            self._resource(entry)
            for resource_type in resource_types
            for entry in _found_by_index(self._entries(resource_type), search_request)
        ]
        return found.search(resource_types, search_request, position=position)

    def _entries(self, resource_type: ResourceType) -> QuerySet[Any]:
        if resource_type.name == PERSON.name:
            groups = Prefetch("groups", DirectoryGroup.objects.order_by("created_at", "pk"))
            return DirectoryPerson.objects.filter(client=self.client).prefetch_related(groups)
        return DirectoryGroup.objects.filter(client=self.client).prefetch_related("people")

    def _entry(self, resource_type: ResourceType, resource_id: str | None) -> Any:
        entries = self._entries(resource_type)
        try:
            return entries.get(pk=UUID(resource_id))
        except (ValueError, TypeError, entries.model.DoesNotExist) as error:
            raise NotFoundException(detail=f"There is no {resource_type.name} with this id.") from error

    def _resource(self, entry: DirectoryEntry) -> Resource[Any]:
        """Return the resource of an entry, with references relative to the root."""
        linked: dict[str, list[dict[str, str]]] = {}
        if isinstance(entry, DirectoryPerson):
            kind, name = PERSON, "groups"
            linked[name] = [_reference("Groups", group.pk) | {"display": group.name} for group in entry.groups.all()]
        else:
            kind, name = GROUP, "members"
            sent = {member["value"]: member for member in entry.resource.get("members") or ()}
            linked[name] = [
                {"type": PERSON.name, "display": person.user_name}
                | sent.get(str(person.pk), {})
                | _reference("Users", person.pk)
                for person in cast(DirectoryGroup, entry).people.all()
            ]
        model = cast(type[Resource[Any]], PROVIDER.model_for(kind))
        resource = model.model_validate(entry.resource | {name: linked[name] or None})
        resource.id = str(entry.pk)
        resource.meta = Meta(
            resource_type=kind.name, created=entry.created_at, last_modified=entry.changed_at, version=entry.etag
        )
        return resource

    # Writing

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        now = timezone.now()
        model = DirectoryPerson if resource_type.name == PERSON.name else DirectoryGroup
        entry = model(client_id=self.client, created_at=now, changed_at=now)
        with access.changing(self.client):
            return self._saved(entry, resource, is_new=True)

    def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        with access.changing(self.client):
            entry = self._entry(resource_type, resource.id)
            _check_version(entry, expected_version)
            entry.version += 1
            entry.changed_at = timezone.now()
            return self._saved(entry, resource, is_new=False)

    def delete(self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None) -> None:
        with access.changing(self.client):
            entry = self._entry(resource_type, resource_id)
            _check_version(entry, expected_version)
            if isinstance(entry, DirectoryPerson):
                access.take(entry)
            entry.delete()

    def _saved(self, entry: DirectoryEntry, resource: Resource[Any], *, is_new: bool) -> Resource[Any]:
        """Save what the directory sent, and give or take the access that follows from it."""
        entry.resource = cast(dict[str, Any], resource.model_dump(mode="json", exclude=NOT_KEPT, exclude_none=True))
        if not _can_be_kept(json.dumps(entry.resource, ensure_ascii=False).replace("\\u0000", "\0")):
            raise InvalidValueException(detail="A text holds a character that isn't one.")
        entry.external_id = resource.external_id or ""
        if len(entry.external_id) > LONGEST_KEY or len(getattr(resource, "user_name", "")) > LONGEST_KEY:
            raise InvalidValueException(detail=f"userName and externalId may have {LONGEST_KEY} letters.")
        if isinstance(entry, DirectoryPerson):
            self._save_person(entry, cast(Any, resource), is_new=is_new)
        elif isinstance(entry, DirectoryGroup):
            self._save_group(entry, cast(Any, resource), is_new=is_new)
        return self._resource(entry)

    def _save_person(self, person: DirectoryPerson, resource: Any, *, is_new: bool) -> None:
        before = None if is_new else DirectoryPerson.objects.get(pk=person.pk)
        person.user_name, person.user_name_key = resource.user_name, resource.user_name.casefold()
        person.name, person.email = _name(resource), _email(resource)
        person.is_active = resource.active is not False
        try:
            with transaction.atomic():
                person.save(force_insert=is_new)
        except IntegrityError as error:
            raise UniquenessException(detail="Another person of this directory has this userName.") from error
        if not person.is_active:
            access.take(person)
        elif before is None or not before.is_active or (person.user is None and person.email != before.email):
            access.give(person)

    def _save_group(self, group: DirectoryGroup, resource: Any, *, is_new: bool) -> None:
        group.name = resource.display_name or ""
        group.save(force_insert=is_new)
        keys = {member.value for member in resource.members or ()}
        people = DirectoryPerson.objects.filter(client=self.client, pk__in=filter(_is_key, keys))
        if len(found := list(people)) != len(keys):
            raise InvalidValueException(detail="Every member must be the id of a User of this directory.")
        group.people.set(found)


def _reference(endpoint: str, key: UUID) -> dict[str, str]:
    return {"value": str(key), "$ref": f"{endpoint}/{key}"}


def _found_by_index(entries: QuerySet[Any], search_request: SearchRequest[Any]) -> QuerySet[Any]:
    """Return the entries that may match, which are few if the filter says that a name equals something."""
    node = search_request.filter.ast if search_request.filter else None
    if not isinstance(node, Comparison) or node.op != CompareOperator.eq or not isinstance(node.value, str):
        return entries
    if not _can_be_kept(node.value):
        return entries.none()
    column = INDEXED.get(str(node.attr_path).lower())
    if column is None or not any(field.name == column for field in entries.model._meta.fields):
        return entries
    return entries.filter(**{column: node.value.casefold() if column == "user_name_key" else node.value})


def _can_be_kept(text: str) -> bool:
    """Return whether the database takes the text: it has no zero byte and no half of a pair of surrogates."""
    return not re.search(r"\x00|[\ud800-\udfff]", text)


def _check_version(entry: DirectoryEntry, expected: str | None) -> None:
    if expected is not None and expected != entry.etag:
        raise PreconditionFailedException(detail="This was changed meanwhile.")


def _is_key(text: str) -> bool:
    try:
        return bool(UUID(text))
    except (ValueError, TypeError):
        return False


def _name(resource: Any) -> str:
    name = resource.name
    parts = (name.given_name, name.family_name) if name else ()
    known = resource.display_name or (name and name.formatted) or " ".join(filter(None, parts))
    return readable(known or "").strip()[:100]


def _email(resource: Any) -> str:
    """Return the address that the person is known by: the primary one, the one at work, any, or the userName."""
    emails = sorted(resource.emails or (), key=lambda email: (not email.primary, email.type != "work"))
    for address in [*(email.value for email in emails), resource.user_name]:
        try:
            validate_email(address)
        except (ValidationError, TypeError):
            continue
        if len(address) <= LONGEST_EMAIL:
            return str(address).lower()
    return ""
