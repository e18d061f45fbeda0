"""`python -m devtools.embedded_postgres.keeper FOLDER`: stops the server of the folder when no one uses it."""

import os
import sys
from pathlib import Path

from devtools.embedded_postgres.server import start_keeping, stop_when_unused

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    keeping = start_keeping(folder)
    # A child of no one: it must survive whoever ends the process that started it together with all its children.
    if os.fork() == 0:
        stop_when_unused(folder, keeping)
