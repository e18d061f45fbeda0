from django.urls import include, path

from sourcing.views import exports, inbox, look_up, saved, search, selected, shortlists, talks, terms

app_name = "sourcing"

shortlist_patterns = [
    path("", shortlists.index, name="shortlists"),
    path("<int:pk>/", shortlists.shortlist, name="shortlist"),
    path("<int:pk>/compare/", shortlists.compare, name="compare"),
    path("<int:pk>/selected/", selected.selected, name="selected"),
    path("<int:pk>/remove/", shortlists.remove, name="shortlist_remove"),
    path("<int:pk>/restore/", shortlists.restore, name="shortlist_restore"),
]
entry_patterns = [
    path("<int:pk>/note/", shortlists.note, name="entry_note"),
    path("<int:pk>/move/", shortlists.move, name="entry_move"),
    path("<int:pk>/remove/", shortlists.entry_remove, name="entry_remove"),
    path("<int:pk>/restore/", shortlists.entry_restore, name="entry_restore"),
]
urlpatterns = [
    path("sourcing/", search.search, name="search"),
    path("sourcing/look-up/", look_up.look_up, name="look_up"),
    path("sourcing/terms/", terms.accept_terms, name="terms"),
    path("sourcing/types/", terms.types, name="types"),
    path("sourcing/searches/", saved.index, name="searches"),
    path("sourcing/searches/new/", saved.save, name="search_save"),
    path("sourcing/searches/<int:pk>/", saved.edit, name="search_edit"),
    path("sourcing/searches/<int:pk>/remove/", saved.remove, name="search_remove"),
    path("sourcing/searches/<int:pk>/restore/", saved.restore, name="search_restore"),
    path("sourcing/shortlists/", include(shortlist_patterns)),
    path("sourcing/entries/", include(entry_patterns)),
    path("talks/invite/", talks.invite_several, name="invite_several"),
    path("talks/invite/<kind:kind>/<slug:slug>/", talks.invite, name="invite"),
    path("talks/", talks.index, name="talks"),
    path("talks/<int:pk>/", talks.talk, name="talk"),
    path("talks/<int:pk>/withdraw/", talks.withdraw, name="talk_withdraw"),
    path("sourcing/exports/", exports.index, name="exports"),
    path("sourcing/exports/new/", exports.new, name="export_new"),
    path("sourcing/exports/<int:pk>/", exports.export, name="export"),
    path("sourcing/exports/<int:pk>/file/", exports.file, name="export_file"),
    path("inbox/", inbox.index, name="inbox"),
    path("inbox/<int:pk>/", inbox.talk, name="inbox_talk"),
    path("sourcing/save/<kind:kind>/<slug:slug>/", shortlists.save, name="save"),
]
