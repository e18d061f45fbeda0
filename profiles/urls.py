from django.urls import include, path

from profiles.views import clients, create, editor, invitations, members, photo

app_name = "profiles"

profile_patterns = [
    path("edit/<slug:section>/", editor.edit, name="edit"),
    path("history/add/", editor.history_add, name="history_add"),
    path("history/<int:pk>/", editor.history_edit, name="history_edit"),
    path("history/<int:pk>/delete/", editor.history_delete, name="history_delete"),
]
members_patterns = [
    path("", members.members, name="members"),
    path("<int:pk>/role/", members.role, name="member_role"),
    path("<int:pk>/remove/", members.remove, name="member_remove"),
    path("invitations/<int:pk>/resend/", members.resend, name="member_invitation_resend"),
    path("invitations/<int:pk>/withdraw/", members.withdraw, name="member_invitation_withdraw"),
]
client_patterns = [
    path("", clients.client, name="client"),
    path("<int:pk>/role/", clients.role, name="client_role"),
    path("<int:pk>/remove/", clients.remove, name="client_remove"),
    path("invitations/<int:pk>/resend/", clients.resend, name="client_invitation_resend"),
    path("invitations/<int:pk>/withdraw/", clients.withdraw, name="client_invitation_withdraw"),
]
urlpatterns = [
    path("profiles/new/", create.create, name="create"),
    path("photos/<str:name>", photo.photo, name="photo"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("acting-for/", clients.acting_for, name="acting_for"),
    path("clients/<slug:slug>/", include(client_patterns)),
    path("agencies/<slug:slug>/members/", include(members_patterns)),
    path("<kind:kind>/<slug:slug>/", include(profile_patterns)),
]
