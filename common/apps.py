from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CommonConfig(AppConfig):
    name = "common"
    verbose_name = "Outgoing email"

    def ready(self) -> None:
        autodiscover_modules("extensions")  # see common/hooks.py
