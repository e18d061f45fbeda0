"""People, profiles and clients, for staff."""

# allauth's admin modules are loaded before this one so that their registrations can be replaced below.

import allauth.account.admin
import allauth.mfa.admin  # noqa: F401
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from common.back_office import (
    Autocompletes,
    ComparingAdmin,
    EditedInline,
    HappenedFilter,
    ReadOnlyAdmin,
    ReadOnlyInline,
    UncountedRows,
    change_link,
)
from common.forms import OpenedForm
from profiles.models import Client, ClientMembership, Invitation, Membership, Profile, User


class MembershipInline(ReadOnlyInline):
    model = Membership
    fields = ("user_link", "profile_link", "role", "joined_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user", "profile")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Return all columns except the page's own subject."""
        own = "user_link" if isinstance(obj, User) else "profile_link"
        return [name for name in self.fields if name != own]

    @admin.display(description="person")
    def user_link(self, membership: Membership) -> SafeString:
        return change_link(membership.user)

    @admin.display(description="profile")
    def profile_link(self, membership: Membership) -> SafeString:
        return change_link(membership.profile)


class PlaceInline(ReadOnlyInline):
    model = ClientMembership
    verbose_name_plural = "client organizations"
    fields = ("client_link", "role", "joined_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[ClientMembership]:
        return super().get_queryset(request).select_related("client")

    @admin.display(description="client")
    def client_link(self, membership: ClientMembership) -> SafeString:
        return change_link(membership.client)


class UserCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name")

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class UserForm(OpenedForm, UserChangeForm):
    """What staff change of a person."""

    class Meta:
        model = User
        fields = ("name",)


@admin.register(User)
class UserAdmin(UncountedRows, ComparingAdmin, DjangoUserAdmin):
    """A person who signs in. Not editable here: their confirmed addresses, and what only a superuser may grant."""

    form = UserForm
    add_form = UserCreationForm
    ordering = ("email",)
    list_display = ("email", "name", "is_staff", "is_active", "date_joined")
    list_filter = ("is_active", "is_staff", "is_superuser", "purpose")
    search_fields = ("email", "name__has_part")
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "purpose")}),
        ("Permissions", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),)
    inlines = (MembershipInline, PlaceInline)

    def get_inlines(self, request: HttpRequest, obj: User | None) -> tuple[type[ReadOnlyInline], ...]:
        return self.inlines if obj else ()

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Return the fields that may not be edited: owners confirm their own address; only superusers grant power."""
        fields = ["last_login", "date_joined"]
        if obj:
            fields.append("email")
        if not request.user.is_superuser:
            fields += ["is_staff", "is_superuser", "groups", "user_permissions"]
        return fields

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Return False for superusers and staff unless a superuser asks: a new password would hand over their power."""
        if obj and (obj.is_superuser or obj.is_staff) and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Return False: what a person attested names them. Make them inactive instead."""
        return False


@admin.register(Profile)
class ProfileAdmin(UncountedRows, ComparingAdmin):
    """Staff may take a page down or change its address; its contents and its members are the owner's."""

    list_display = ("name", "kind", "country", "state", "is_active", "created_at")
    list_filter = ("kind", "is_active", "country")
    search_fields = ("name__has_part", "slug", "headline__has_part")
    fields = (
        "is_active", "slug", "kind", "name", "headline", "overview", "skills", "languages", "hourly_rate",
        "location", "time_zone", "created_at",
    )  # fmt: skip
    readonly_fields = tuple(name for name in fields if name not in {"is_active", "slug"})
    inlines = (MembershipInline,)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ClientMembershipInline(Autocompletes, EditedInline):
    model = ClientMembership
    verbose_name = "member"
    verbose_name_plural = "members"
    autocomplete_fields = ("user",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ClientMembership]:
        return super().get_queryset(request).select_related("user", "client")


@admin.register(Client)
class ClientAdmin(ComparingAdmin):
    list_display = ("name", "plan", "is_active", "created_at")
    list_filter = ("plan", "is_active")
    search_fields = ("name__has_part", "slug", "users__email")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (ClientMembershipInline,)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return False: the list of deleted rows would reveal who named or blocked it. Make it inactive instead."""
        return False


@admin.register(Membership)
class MembershipAdmin(UncountedRows, ReadOnlyAdmin):
    """Read only: owners run an agency on the site, where the last owner cannot leave.

    Staff who could join a profile would attest in its name.
    """

    list_display = ("user", "profile", "role", "joined_at")
    list_filter = ("role", "profile__kind")
    list_select_related = ("user", "profile")
    search_fields = ("user__email", "user__name__has_part", "profile__name__has_part", "profile__slug")


@admin.register(ClientMembership)
class ClientMembershipAdmin(Autocompletes, ComparingAdmin):
    list_display = ("user", "client", "role", "joined_at")
    list_filter = ("role", "client__plan", "client__is_active")
    list_select_related = ("user", "client")
    search_fields = ("user__email", "user__name__has_part", "client__name__has_part")
    autocomplete_fields = ("user", "client")


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("email", "place", "role", "created_at", "accepted_at", "withdrawn_at")
    list_filter = (("accepted_at", HappenedFilter), ("withdrawn_at", HappenedFilter))
    list_select_related = ("profile", "client")
    search_fields = ("email", "profile__name__has_part", "client__name__has_part")


# allauth's own pages let staff type another person's address as confirmed, and show the secrets of their second factor.
# A group's members could widen their own, unless only a superuser shapes it.
admin.site.unregister([EmailAddress, Authenticator, Group])


@admin.register(EmailAddress)
class EmailAddressAdmin(UncountedRows, ReadOnlyAdmin):
    list_display = ("email", "user", "primary", "verified")
    list_filter = ("primary", "verified")
    list_select_related = ("user",)
    search_fields = ("email", "user__email")


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    """That a person has a second factor, never what it is. Staff delete it when the person has lost it."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    search_fields = ("user__email",)
    fields = ("user", "type", "created_at", "last_used_at")

    def has_delete_permission(self, request: HttpRequest, obj: Authenticator | None = None) -> bool:
        """Return what the permission says, but only superusers may delete that of staff."""
        if obj and (obj.user.is_superuser or obj.user.is_staff) and not request.user.is_superuser:
            return False
        return admin.ModelAdmin.has_delete_permission(self, request, obj)


@admin.register(Group)
class GroupAdmin(ComparingAdmin, DjangoGroupAdmin):
    search_fields = ("name__has_part",)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return request.user.is_superuser

    has_add_permission = has_delete_permission = has_change_permission
