from django.urls import URLPattern, URLResolver, include, path

from certifications.views import actions, add, concerns, data, guide, mail, record, section, seen_by, sharing

app_name = "certifications"

record_patterns = [
    path("", record.record, name="record"),
    path("edit/", add.edit, name="edit"),
    path("renew/", add.renew, name="renew"),
    path("renewal/", record.renewal, name="renewal"),
    path("renewal/end/", record.renewal_end, name="renewal_end"),
    path("reminders/", record.reminders, name="reminders"),
    path("calendar.ics", record.calendar, name="calendar"),
    path("audience/", sharing.audience, name="audience"),
    path("audience/name/", sharing.client_name, name="client_name"),
    path("audience/unname/", sharing.client_unname, name="client_unname"),
    path("hide/", record.hide, name="hide"),
    path("show/", actions.show, name="show"),
    path("withdraw/", actions.withdraw, name="withdraw"),
    path("restore/", actions.restore, name="restore"),
]
section_patterns: list[URLPattern | URLResolver] = [
    path("", section.section, name="section"),
    path("add/", add.add, name="add"),
    path("added/", add.added, name="added"),
    path("answer/", section.answer, name="answer"),
    path("interest/", section.interest, name="interest"),
    path("us-business/", section.us_business, name="us_business"),
    path("hide-all/", section.hide_all, name="hide_all"),
    path("show-all/", section.show_all, name="show_all"),
    path("consent/", sharing.consent, name="consent"),
    path("consent/question/", sharing.question, name="question"),
    path("blocks/", sharing.blocks, name="blocks"),
    path("blocks/add/", sharing.block, name="block"),
    path("blocks/remove/", sharing.unblock, name="unblock"),
    path("seen-by/", seen_by.log, name="seen_by"),
    path("seen-by/digest/", seen_by.digest, name="digest"),
    path("history/", data.history, name="history"),
    path("copy/", data.copy_page, name="copy"),
    path("copy.csv", data.copy_csv, name="copy_csv"),
    path("copy.json", data.copy_json, name="copy_json"),
    path("erase/", data.erase, name="erase"),
    path("concern/", concerns.concern, name="concern"),
    path("<int:pk>/", include(record_patterns)),
]
urlpatterns = [
    path("help/certifications/", guide.guide, name="guide"),
    path("help/certifications/<slug:key>/", guide.type_guide, name="type_guide"),
    path("concerns/", concerns.receipts, name="concerns"),
    path("concerns/<uuid:reference>/", concerns.receipt, name="concern_receipt"),
    path("mail/stop/<str:token>/", mail.stop, name="stop_mail"),
    path("<kind:kind>/<slug:slug>/certifications/", include(section_patterns)),
]
