"""A private PostgreSQL that the tests start themselves: a cluster in a temporary folder, on a socket.

It refuses to run as root, so root lends it to another user of the machine.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from tests.until import PATIENCE_SECONDS

USER = "raytrail"
# Tests end within minutes, and nothing of theirs outlives the machine.
OPTIONS = (
    *("fsync=off", "full_page_writes=off", "synchronous_commit=off"),
    *("listen_addresses=", "max_connections=200"),
)
# A linguistic order, as a person gets who makes a database without thinking of it.
LOCALE = ("--locale-provider=icu", "--icu-locale=en-US", "--locale=C.UTF-8")


def binary(name: str) -> Path | None:
    """Debian keeps the server's programs out of the path."""
    found = [*Path("/").glob(f"usr/lib/postgresql/*/bin/{name}")]
    known = shutil.which(name)
    return max(found, default=Path(known) if known else None)


def is_here() -> bool:
    """Whether this machine has PostgreSQL, with somebody to run it."""
    return binary("initdb") is not None and _owner() is not None


def _owner() -> pwd.struct_passwd | None:
    if os.geteuid():
        return pwd.getpwuid(os.geteuid())
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


def _as(owner: pwd.struct_passwd) -> dict[str, Any]:
    """Arguments for a process of this person."""
    if os.geteuid():
        return {"cwd": "/"}
    return {"cwd": "/", "user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


def _program(name: str) -> Path:
    found = binary(name)
    assert found is not None
    return found


class Cluster:
    """A server that can be stopped, killed and started again."""

    def __init__(self, home: Path, options: Sequence[str]) -> None:
        self.home, self._options = home, options
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        told = [f"-c{each}" for each in (*OPTIONS, *self._options)]
        owner = _owner()
        assert owner is not None
        with (self.home / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [_program("postgres"), "-D", self.home / "data", "-k", self.home, *told],
                stdout=log,
                stderr=log,
                **_as(owner),
            )
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._answers():
            assert self._server.poll() is None, (self.home / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it, and every connection to it; SIGQUIT as a crash does."""
        assert self._server is not None
        self._server.send_signal(how)
        self._server.wait(PATIENCE_SECONDS)

    def url(self, schema: str = "", name: str = "postgres") -> str:
        path = f"&options=-csearch_path%3D{schema}" if schema else ""
        return f"postgresql://{USER}@/{name}?host={self.home}{path}"

    def new(self) -> str:
        """The URL of an empty schema."""
        schema = f"s{secrets.token_hex(6)}"
        self.run(f"CREATE SCHEMA {schema}")
        return self.url(schema)

    def run(self, statement: str, url: str = "") -> list[tuple[Any, ...]]:
        with psycopg.connect(url or self.url(), autocommit=True) as connection:
            done = connection.execute(statement.encode())
            return done.fetchall() if done.description else []

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError):
            return self.run("SELECT 1") == [(1,)]
        return False


@contextmanager
def running(*options: str) -> Iterator[Cluster]:
    """Start a cluster with these settings too, and stop it at the end."""
    owner = _owner()
    assert owner is not None
    # A path of pytest is too long for the name of a socket.
    home = Path(tempfile.mkdtemp(prefix="raytrail-postgresql-"))
    try:
        os.chown(home, owner.pw_uid, owner.pw_gid)
        made = ("-U", USER, "--auth=trust", "--no-sync", "--encoding=UTF8", *LOCALE)
        subprocess.run(
            [_program("initdb"), "-D", home / "data", *made],
            check=True,
            capture_output=True,
            **_as(owner),
        )
        cluster = Cluster(home, options)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)
