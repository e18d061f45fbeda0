"""People, profiles and clients, for staff."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm

from profiles.models import Client, ClientMembership, Invitation, Membership, Profile, User


class UserCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email",)


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    add_form = UserCreationForm
    ordering = ("email",)
    list_display = ("email", "name", "is_staff", "is_active", "date_joined")
    list_filter = ("is_staff", "is_superuser", "is_active", "purpose")
    search_fields = ("email", "name")
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "purpose")}),
        ("Permissions", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "usable_password", "password1", "password2")}),)


class MembershipInline(admin.TabularInline):
    model = Membership
    autocomplete_fields = ("user",)
    extra = 0


@admin.register(Profile)
class ProfileAdmin(admin.ModelAdmin):
    """Staff may take a page down; what is on it is its owner's."""

    list_display = ("name", "kind", "country", "state", "is_active", "created_at")
    list_filter = ("kind", "is_active", "country")
    search_fields = ("name", "slug", "headline")
    fields = (
        "kind", "slug", "name", "headline", "overview", "skills", "languages", "hourly_rate", "country", "state",
        "city", "time_zone", "is_active",
    )  # fmt: skip
    readonly_fields = tuple(name for name in fields if name != "is_active")
    inlines = (MembershipInline,)
    show_full_result_count = False

    def has_add_permission(self, request):
        return False


class ClientMembershipInline(admin.TabularInline):
    model = ClientMembership
    autocomplete_fields = ("user",)
    extra = 0


@admin.register(Client)
class ClientAdmin(admin.ModelAdmin):
    list_display = ("name", "plan", "is_active", "created_at")
    list_filter = ("plan", "is_active")
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}
    inlines = (ClientMembershipInline,)


@admin.register(ClientMembership)
class ClientMembershipAdmin(admin.ModelAdmin):
    list_display = ("user", "client", "role", "joined_at")
    list_filter = ("role", "client__plan")
    list_select_related = ("user", "client")
    search_fields = ("user__email", "client__name")
    autocomplete_fields = ("user", "client")


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    list_display = ("user", "profile", "role", "joined_at")
    list_filter = ("role",)
    list_select_related = ("user", "profile")
    search_fields = ("user__email", "profile__name")
    autocomplete_fields = ("user", "profile")


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):
    list_display = ("email", "profile", "client", "role", "created_at", "accepted_at", "withdrawn_at")
    list_select_related = ("profile", "client")
    search_fields = ("email",)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
