from django.urls import include, path

from integrations.views import developers, directory, oauth, scim, sign_in, sign_on, tokens, webhook_guide, webhooks

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
sign_on_patterns = [
    path("", sign_on.overview, name="sign_on"),
    path("domains/<int:pk>/check/", sign_on.domain_check, name="domain_check"),
    path("domains/<int:pk>/remove/", sign_on.domain_remove, name="domain_remove"),
    path("provider/", sign_on.provider, name="sign_on_provider"),
    path("provider/oidc/", sign_on.oidc, name="sign_on_oidc"),
    path("provider/saml/", sign_on.saml, name="sign_on_saml"),
    path("people/", sign_on.people, name="sign_on_people"),
    path("test/", sign_on.tested, name="sign_on_tested"),
]
directory_patterns = [
    path("", directory.page, name="directory"),
    path("tokens/new/", directory.token_new, name="directory_token_new"),
    path("tokens/<int:pk>/revoke/", directory.token_revoke, name="directory_token_revoke"),
    path("groups/<uuid:pk>/role/", directory.group_role, name="directory_group_role"),
]
urlpatterns = [
    path("integrations/", include(token_patterns)),
    path("integrations/directory/", include(directory_patterns)),
    path("oauth/token", oauth.token, name="oauth_token"),
    path("scim/v2/<slug:client>/", scim.scim, {"path": ""}, name="scim_root"),
    path("scim/v2/<slug:client>/<path:path>", scim.scim, name="scim"),
    path("integrations/webhooks/", include(webhook_patterns)),
    path("integrations/sign-on/", include(sign_on_patterns)),
    path("developers/", developers.start, name="start"),
    path("developers/reference/", developers.reference, name="reference"),
    path("developers/errors/", developers.errors, name="errors"),
    path("developers/webhooks/", webhook_guide.guide, name="webhook_guide"),
]
# Beside allauth's, and by the names under which it looks for them. Of its pages about providers no other is there.
account_patterns = [
    path("sign-on/", sign_in.sign_on, name="sign_on"),
    path("sign-on/again/", sign_in.again, name="sign_on_again"),
    path("sign-on/link/", sign_in.link, name="sign_on_link"),
    path("sign-on/<slug:client>/", sign_in.leave, name="sign_on_leave"),
    path("oidc/<slug:provider_id>/login/", sign_in.oidc_login, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", sign_in.oidc_callback, name="openid_connect_callback"),
    path("saml/<slug:organization_slug>/login/", sign_in.saml_login, name="saml_login"),
    path("saml/<slug:organization_slug>/acs/", sign_in.saml_acs, name="saml_acs"),
    path("saml/<slug:organization_slug>/acs/finish/", sign_in.saml_finish, name="saml_finish_acs"),
    path("saml/<slug:organization_slug>/metadata/", sign_in.saml_metadata, name="saml_metadata"),
]
