"""Where settings come from: the environment, or files that it names."""

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping


class Environment(FileAwareMapping):
    """The environment. Of NAME_FILE, it holds as NAME what stands in that file, without the newline at its end."""

    def __getitem__(self, name: str) -> str:
        try:
            return super().__getitem__(name).rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{name}_FILE names a file that cannot be read: {error}") from error


class Env(environ.Env):
    ENVIRON = Environment()
