from django.urls import include, path

from integrations.views import tokens, webhook_guide, webhooks

app_name = "integrations"

webhook_patterns = [
    path("", webhooks.index, name="webhooks"),
    path("new/", webhooks.new, name="webhook_new"),
    path("<int:pk>/", webhooks.webhook, name="webhook"),
    path("<int:pk>/edit/", webhooks.edit, name="webhook_edit"),
    path("<int:pk>/secret/", webhooks.secret, name="webhook_secret"),
    path("<int:pk>/rotate/", webhooks.rotate, name="webhook_rotate"),
    path("<int:pk>/test/", webhooks.test, name="webhook_test"),
    path("<int:pk>/off/", webhooks.turn_off, name="webhook_off"),
    path("<int:pk>/on/", webhooks.turn_on, name="webhook_on"),
    path("<int:pk>/delete/", webhooks.delete, name="webhook_delete"),
    path("<int:pk>/events/<uuid:key>/", webhooks.delivery, name="delivery"),
    path("<int:pk>/events/<uuid:key>/resend/", webhooks.resend, name="delivery_resend"),
]
token_patterns = [
    path("", tokens.tokens, name="tokens"),
    path("tokens/new/", tokens.new, name="token_new"),
    path("tokens/<int:pk>/revoke/", tokens.revoke, name="token_revoke"),
]
urlpatterns = [
    path("integrations/", include(token_patterns)),
    path("integrations/webhooks/", include(webhook_patterns)),
    path("developers/webhooks/", webhook_guide.guide, name="webhook_guide"),
]
