from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class MarketplaceConfig(AppConfig):
    name = "marketplace"


class MarketplaceAdminConfig(AdminConfig):
    default = False
    default_site = "marketplace.admin.AdminSite"
