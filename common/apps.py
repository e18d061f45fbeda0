from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "common"
    verbose_name = "Outgoing email"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from common import drafts

        user_logged_in.connect(drafts.look_for_waiting, dispatch_uid="drafts")
