"""The settings of a production environment, on the embedded database: what `check --deploy` looks at.

Some checks ask the database for its version, so that an address with no server behind it would not do.
"""

import os
import secrets

os.environ |= {
    "DEBUG": "false",
    "SECRET_KEY": secrets.token_urlsafe(60),
    "DATABASE_URL": "postgres://nobody@localhost/none",
    "ALLOWED_HOSTS": "example.com",
    "SITE_URL": "https://example.com",
    "EMAIL_URL": "smtp+tls://localhost:587",
}

from marketplace.settings import *  # noqa: F403
from marketplace.settings import DATA_DIR

DATABASES = {
    "default": {
        "ENGINE": "devtools.embedded_postgres",
        "NAME": "marketplace",
        "HOST": str(DATA_DIR / "postgres"),
    }
}
