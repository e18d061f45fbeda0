from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import URLPattern, include, path

from profiles.views import create, editor, invitations, people, photo
from profiles.views.clients import acting_for, of_client
from profiles.views.members import of_agency

app_name = "profiles"

profile_patterns = [
    path("edit/<slug:section>/", editor.edit, name="edit"),
    path("history/add/", editor.history_add, name="history_add"),
    path("history/<int:pk>/", editor.history_edit, name="history_edit"),
    path("history/<int:pk>/delete/", editor.history_delete, name="history_delete"),
]


type View = Callable[..., HttpResponseBase]


def people_patterns(of: Callable[[View], View], page: str) -> list[URLPattern]:
    """The pages of the people of a place: `of` finds it by its slug, and `page` names the first and begins the rest."""
    return [
        path("", of(people.people), name=page),
        path("<int:pk>/role/", of(people.change_role), name=f"{page}_role"),
        path("<int:pk>/remove/", of(people.remove), name=f"{page}_remove"),
        path("invitations/<int:pk>/resend/", of(people.resend_invitation), name=f"{page}_resend"),
        path("invitations/<int:pk>/withdraw/", of(people.withdraw_invitation), name=f"{page}_withdraw"),
    ]


urlpatterns = [
    path("profiles/new/", create.create, name="create"),
    path("photos/<str:name>", photo.photo, name="photo"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("acting-for/", acting_for, name="acting_for"),
    path("clients/<slug:slug>/", include(people_patterns(of_client, "client"))),
    path("agencies/<slug:slug>/members/", include(people_patterns(of_agency, "members"))),
    path("<kind:kind>/<slug:slug>/", include(profile_patterns)),
]
