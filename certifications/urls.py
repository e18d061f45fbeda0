from django.urls import include, path

from certifications.views import actions, add, guide, section

app_name = "certifications"

record_patterns = [
    path("edit/", add.edit, name="edit"),
    path("renew/", add.renew, name="renew"),
    path("hide/", actions.hide, name="hide"),
    path("show/", actions.show, name="show"),
    path("withdraw/", actions.withdraw, name="withdraw"),
    path("restore/", actions.restore, name="restore"),
]
section_patterns = [
    path("", section.section, name="section"),
    path("add/", add.add, name="add"),
    path("answer/", section.answer, name="answer"),
    path("interest/", section.interest, name="interest"),
    path("<int:pk>/", include(record_patterns)),
]
urlpatterns = [
    path("certifications/guide/", guide.guide, name="guide"),
    path("<kind:kind>/<slug:slug>/certifications/", include(section_patterns)),
]
