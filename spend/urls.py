from django.urls import include, path

from spend.views import (
    expiring,
    goals,
    letters,
    overview,
    payments,
    received,
    reconciliation,
    reported,
    reports,
    rules,
    vendors,
)

app_name = "spend"

patterns = [
    path("", overview.overview, name="overview"),
    path("payments/", payments.payments, name="payments"),
    path("rules/", rules.rules, name="rules"),
    path("rules/edit/", rules.edit, name="rules_edit"),
    path("rules/addressable-spend/", rules.addressable, name="addressable"),
    path("reconciliation/", reconciliation.reconciliation, name="reconciliation"),
    path("reconciliation/reconciliation.csv", reconciliation.file, name="reconciliation_csv"),
    path("goals/", goals.goals, name="goals"),
    path("goals/new/", goals.new, name="goal_new"),
    path("goals/<int:pk>/", goals.edit, name="goal_edit"),
    path("goals/<int:pk>/delete/", goals.delete, name="goal_delete"),
    path("expiring/", expiring.index, name="expiring"),
    path("vendors/", vendors.index, name="vendors"),
    path("vendors/<int:pk>/", vendors.vendor_list, name="vendor_list"),
    path("vendors/<int:pk>/delete/", vendors.delete, name="vendor_list_delete"),
    path("vendors/<int:pk>/vendors.csv", vendors.file, {"ending": "csv"}, name="vendor_list_csv"),
    path("vendors/<int:pk>/vendors.xlsx", vendors.file, {"ending": "xlsx"}, name="vendor_list_xlsx"),
    path("reports/", reports.index, name="reports"),
    path("reports/new/", reports.new, name="report_new"),
    path("reports/drafts/<uuid:key>/", reports.draft, name="draft"),
    path("reports/drafts/<uuid:key>/discard/", reports.discard, name="draft_discard"),
    path("reports/<int:number>/", reports.issued, name="report"),
    path("reports/<int:number>/payments/", reported.payments, name="report_payments"),
    path("reports/<int:number>/changes/", reports.changes, name="report_changes"),
    path("reports/<int:number>/changes.<slug:suffix>", reports.changes_file, name="report_changes_file"),
    path("reports/<int:number>/replace/", reports.supersede, name="supersede"),
    path("reports/<int:number>/pack/", reports.pack, name="pack"),
    path("reports/<int:number>/pack/file/", reports.pack_file, name="pack_file"),
    path("reports/<int:number>/tables/<slug:name>.<slug:suffix>", reports.table, name="report_table"),
    path("letter/<kind:kind>/<slug:slug>/", letters.letter, name="letter"),
]
# The pages of owners, beside those of their certifications.
owner_patterns = [
    path("", received.overview, name="received"),
    path("from/<slug:client>/", received.client, name="received_from"),
    path("<int:payment>/not-mine/", received.dispute, name="dispute"),
    path("<int:payment>/mine/", received.dispute_undo, name="dispute_undo"),
]
urlpatterns = [
    path("spend/", include(patterns)),
    path(".well-known/spend-signing-key.pem", reports.signing_key, name="signing_key"),
    path("<kind:kind>/<slug:slug>/certifications/payments/", include(owner_patterns)),
]
