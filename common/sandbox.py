"""Uploaded files are decoded in a process with limits: a file made to break a decoder breaks nothing else.

A module with tasks ends in `sandbox.serve({name: function})`, and `run` calls one of them in a new process.
"""

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

MOST_MEMORY = 1_500_000_000
MOST_SECONDS = 30
WALL_SECONDS = 40
REFUSED = 3  # exit status
ROOT = Path(__file__).resolve().parents[1]


class Refused(Exception):
    """A file that is not accepted. Its text tells its owner why, and what to do."""


def run(module: str, task: str, content: bytes, *arguments: object, unreadable: str) -> bytes:
    """Return what the `task` of `module` makes of `content`.

    Raises Refused with the sentence of the task; with `unreadable` if the task crashes, takes too long or needs too
    much memory.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-s", "-m", module, task, *map(str, arguments)],
            input=content,
            capture_output=True,
            timeout=WALL_SECONDS,
            cwd=ROOT,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Refused(unreadable) from error
    if done.returncode == REFUSED:
        raise Refused(done.stderr.decode())
    if done.returncode:
        raise Refused(unreadable)
    return done.stdout


def serve(tasks: Mapping[str, Callable[..., bytes]]) -> None:
    """Run the task that the command line names, from standard input to standard output."""
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    _, task, *arguments = sys.argv
    try:
        answer = tasks[task](sys.stdin.buffer.read(), *arguments)
    except Refused as refused:
        sys.stderr.write(str(refused))
        sys.stderr.flush()
        os._exit(REFUSED)
    sys.stdout.buffer.write(answer)
