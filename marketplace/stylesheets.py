"""The site's styles as one file: a browser that has to ask for each of them shows nothing until it has the last."""

import os
import re
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.storage import FileSystemStorage

SITE = "css/site.css"
IMPORT = re.compile(r'@import url\("([\w/.-]+)"\);')
JOINED = settings.DATA_DIR / "joined"


class JoiningFinder(FileSystemFinder):
    """As Django's, but of `css/site.css` it finds a copy in which what that file imports is written out."""

    def find_location(self, root, path, prefix=None):
        found = super().find_location(root, path, prefix)
        return str(join(found)) if found and path == SITE else found

    def list(self, ignore_patterns):
        for path, storage in super().list(ignore_patterns):
            if path == SITE:
                join(storage.path(path))
                yield path, FileSystemStorage(JOINED)
            else:
                yield path, storage


def join(source):
    """Write what the stylesheet at `source` imports to a file under JOINED, if it changed. Returns its path."""
    source = Path(source)
    text = IMPORT.sub(lambda found: (source.parent / found[1]).read_text(), source.read_text())
    joined = JOINED / SITE
    # As it is while nothing changes: browsers ask by its time whether it did.
    if not joined.exists() or joined.read_text() != text:
        joined.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=joined.parent, delete=False) as file:
            file.write(text)
        os.chmod(file.name, 0o644)
        os.replace(file.name, joined)  # in one step: two processes may be at it
    return joined
