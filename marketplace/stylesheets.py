"""The site's styles as one file: a browser that has to load many shows nothing until the last has arrived."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage

SITE = "css/site.css"
IMPORT = re.compile(r'@import url\("([\w/.-]+)"\);')
# Where the development server finds it.
WRITTEN = settings.DATA_DIR / "static" / SITE


class JoiningFinder(FileSystemFinder):
    """Django's finder, which finds `css/site.css` as a copy with its imports written out."""

    def find_location(self, root: str, path: str, prefix: str | None = None) -> str | None:
        found = super().find_location(root, path, prefix)
        return str(write(joined(found))) if found and path == SITE else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[Any]:
        for path, storage in super().list(ignore_patterns):
            if path == SITE:
                memory = InMemoryStorage()
                memory.save(path, ContentFile(joined(storage.path(path))))
                yield path, memory
            else:
                yield path, storage


def joined(source: str | Path) -> str:
    """Return the text of the stylesheet at `source`, with its imports written out."""
    source = Path(source)
    return IMPORT.sub(lambda found: (source.parent / found[1]).read_text(), source.read_text())


def write(text: str) -> Path:
    """Write the site's styles to WRITTEN if they changed (browsers compare its time), and return that path."""
    if not WRITTEN.exists() or WRITTEN.read_text() != text:
        WRITTEN.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=WRITTEN.parent, delete=False) as file:
            file.write(text)
        os.chmod(file.name, 0o644)
        os.replace(file.name, WRITTEN)  # in one step: two processes may be at it
    return WRITTEN
