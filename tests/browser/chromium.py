"""The Chromium that the browser tests drive. `python -m tests.browser.chromium` gets one if there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# First Chromium without windows, which Playwright prefers as well: the journeys take two thirds of the time in it.
NAMES = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
MACOS = ["Google Chrome", "Chromium"]
APT_INSTALL = ["apt-get", "install", "--yes", "--no-install-recommends"]
# What the system's package managers are told, in the order in which it is tried.
PACKAGES = [
    [["apt-get", "update"], [*APT_INSTALL, "chromium-headless-shell"]],
    [[*APT_INSTALL, "chromium"]],
    [["dnf", "install", "--assumeyes", "chromium"]],
    [["apk", "add", "chromium"]],
]


def chromium_path():
    """The browser's executable (str), one of the system's or Playwright's own, or None where there is none.

    To be called before Playwright is started, which it may do itself.
    """
    from playwright.sync_api import sync_playwright

    applications = [Path(f"/Applications/{name}.app/Contents/MacOS/{name}") for name in MACOS]
    for candidate in [*filter(None, map(shutil.which, NAMES)), *applications]:
        if works(candidate):
            return str(candidate)
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if works(own) else None


def works(executable):
    """Whether it starts: on some systems `chromium` is a stub that only names the package to install."""
    try:
        command = [executable, "--version"]
        return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def install():
    """Try what can work here, Playwright's download first. It does not matter which of them succeeds."""
    attempts = [[[sys.executable, "-m", "playwright", "install", "chromium"]]]
    if os.geteuid() == 0:
        attempts += [commands for commands in PACKAGES if shutil.which(commands[0][0])]
    for commands in attempts:
        print(f"No Chromium found. Trying: {' '.join(commands[-1])}", flush=True)  # noqa: T201
        for command in commands:
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                check=False,
            )
        if chromium_path():
            return


if __name__ == "__main__":
    if not chromium_path():
        install()
    if not chromium_path():
        sys.exit("The browser tests need Chromium, which could not be installed here: install it, then try again.")
