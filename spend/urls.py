from django.urls import include, path

from spend.views import expiring, letters, overview, payments, received, rules, vendors

app_name = "spend"

patterns = [
    path("", overview.overview, name="overview"),
    path("payments/", payments.payments, name="payments"),
    path("rules/", rules.rules, name="rules"),
    path("expiring/", expiring.index, name="expiring"),
    path("vendors/", vendors.index, name="vendors"),
    path("vendors/<int:pk>/", vendors.vendor_list, name="vendor_list"),
    path("vendors/<int:pk>/delete/", vendors.delete, name="vendor_list_delete"),
    path("vendors/<int:pk>/vendors.csv", vendors.file, {"ending": "csv"}, name="vendor_list_csv"),
    path("vendors/<int:pk>/vendors.xlsx", vendors.file, {"ending": "xlsx"}, name="vendor_list_xlsx"),
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
    path("<kind:kind>/<slug:slug>/certifications/payments/", include(owner_patterns)),
]
