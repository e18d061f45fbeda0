"""The project's settings in production form (the environment is set by `databases.production`), and one page more."""

from marketplace.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
