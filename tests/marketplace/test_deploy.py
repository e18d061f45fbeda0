"""The files for other programs under deploy/ name what is there."""

import re
import ssl

from django.conf import settings
from django.core.management import get_commands
from django.urls import reverse

UNIT = (settings.BASE_DIR / "deploy" / "systemd" / "marketplace@.service").read_text()
IMAGE = (settings.BASE_DIR / "deploy" / "Containerfile").read_text()
PROXY = (settings.BASE_DIR / "deploy" / "haproxy" / "haproxy.cfg").read_text()


def test_the_unit_runs_each_process_of_the_product():
    [enabled] = re.findall(r"systemctl enable --now (.*)", UNIT)

    assert enabled == "marketplace@serve marketplace@db_worker marketplace@scheduler marketplace@metrics"
    assert set(re.findall(r"marketplace@(\w+)", enabled)) <= set(get_commands())
    assert "\nExecStart=/srv/marketplace/app/.venv/bin/python manage.py %i\n" in UNIT


def test_the_unit_passes_secrets_as_files():
    passed = re.findall(r"Environment=(\w+)_FILE=%d/([\w-]+)", UNIT)

    assert dict(passed) == {"SECRET_KEY": "secret-key", "DATABASE_URL": "database-url", "EMAIL_URL": "email-url"}
    assert re.findall(r"LoadCredential=([\w-]+):", UNIT) == [name for _, name in passed]


def test_the_proxy_asks_whether_a_machine_is_ready_and_lets_no_one_else_ask():
    assert f"uri {reverse('ready')} " in PROXY
    assert f"path {reverse('alive')} {reverse('ready')} " in PROXY


def test_the_proxy_replaces_what_the_application_trusts():
    assert re.findall(r"set-header (\S+)", PROXY) == ["X-Request-ID", "X-Forwarded-Proto", "X-Forwarded-For"]


def test_the_proxy_speaks_no_old_tls():
    assert re.findall(r"ssl-min-ver (\S+)", PROXY) == ["TLSv1.2"]


def test_the_proxy_offers_only_ciphers_with_forward_secrecy():
    [older] = re.findall(r"ssl-default-bind-ciphers (\S+)", PROXY)
    [newer] = re.findall(r"ssl-default-bind-ciphersuites (\S+)", PROXY)
    offered = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    offered.set_ciphers(older)

    assert {cipher["kea"] for cipher in offered.get_ciphers() if cipher["protocol"] == "TLSv1.2"} == {"kx-ecdhe"}
    assert all(cipher["aead"] for cipher in offered.get_ciphers())
    assert all(name.startswith("TLS_") and "CBC" not in name for name in newer.split(":"))


def test_the_image_holds_every_app_and_what_it_draws():
    copied = set(re.findall(r"\nCOPY (\w+) \1(?=\n)", IMAGE))

    apps = {name.partition(".")[0] for name in settings.INSTALLED_APPS}
    ours = {path.parent.name for path in settings.BASE_DIR.glob("*/__init__.py")} & apps - {"devtools"}
    assert copied == ours | {"static", "templates"}


def test_the_image_runs_the_server_with_few_rights():
    assert re.findall(r"\nUSER (\w+)", IMAGE) == ["marketplace"]
    assert IMAGE.index("\nUSER") > IMAGE.rindex("\nRUN")
    assert re.findall(r'\nCMD \["(\w+)"\]', IMAGE) == ["serve"]
    assert f"'GET', '{reverse('alive')}'" in IMAGE
