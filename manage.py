#!/usr/bin/env python
"""Django's command-line utility, and the way into the project: run, test, demo."""

import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
    if sys.version_info < (3, 12):  # noqa: UP036 - said in a sentence rather than by a syntax error
        sys.exit("This project needs Python 3.12 or newer. Install one, then run `make run` again.")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Django is not installed here. Use .venv/bin/python manage.py, made by `make run`.")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(str(error))  # the settings say what is missing


if __name__ == "__main__":
    main()
