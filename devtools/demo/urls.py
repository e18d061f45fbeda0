from allauth.account.views import LoginView
from django.urls import path

from devtools.demo import views

urlpatterns = [
    path(
        "accounts/login/",
        LoginView.as_view(extra_context={"demo_accounts": views.accounts}),
        name="account_login",
    ),
    path("accounts/demo/", views.sign_in, name="demo_sign_in"),
    path("mail/", views.mail, name="mail"),
]
