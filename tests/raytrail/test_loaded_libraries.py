"""Which libraries a process loads: start-up time and memory are mostly imports."""

import os
import signal
import socket
import subprocess
import sys

import httpx2
import pytest

from raytrail.service.log import configure
from store.live_loading import LiveLoading
from store.store import Store
from tests.factories import SHELL, Body, send
from tests.service import TOKEN, environment
from tests.until import PATIENCE_SECONDS

# Each takes more than 30 ms of CPU or 10 MB to load.
LARGE = {
    *("altair", "cloudflare", "duckdb", "httpx2", "jinja2", "markdown_it", "pyarrow", "pydantic"),
    *("rich", "sqlalchemy", "structlog", "uvicorn", "vl_convert"),
}

# Runs a program and then prints the libraries that it loaded.
TOLD = """
import atexit, sys
atexit.register(lambda: print("LOADED", *{name.partition(".")[0] for name in sys.modules}))
"""
COMMAND = f"{TOLD}\nfrom raytrail.cli import main\nsys.argv[0] = 'raytrail'\nmain()"
CHILD = f"{TOLD}\nfrom raytrail.service.child import main\nsys.exit(main(sys.argv[1:]))"


def loaded(output: str) -> set[str]:
    [line] = [line for line in output.splitlines() if line.startswith("LOADED")]
    return LARGE.intersection(line.split())


def run(*arguments: str) -> set[str]:
    ended = subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env=environment(),
    )
    return loaded(ended.stdout)


def test_the_help_loads_none_of_them() -> None:
    assert run("--help") == set()


def test_the_help_of_one_command_loads_what_typer_reads_options_with() -> None:
    assert run("logins", "pull", "--help") == {"pydantic"}


def test_a_trail_loads_the_query_engine_and_the_settings(store: Store, body: Body) -> None:
    send(store, body())
    LiveLoading(store, configure("test"), SHELL).until_drained()

    data = str(store.layout.root)
    found = run("trail", "--user", "srhea", "--json", "--data", data)
    explained = run("explain", "8f0e1d2c3b4a5968", "--json", "--data", data)

    assert found == explained == {"duckdb", "pyarrow", "pydantic"}


@pytest.mark.service
def test_a_receiver_loads_no_arrow_and_no_query_engine(store: Store) -> None:
    read_end, write_end = os.pipe()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        fds = (read_end, listener.fileno())
        options = ("--data", str(store.layout.root), "--lifeline", str(read_end))
        receiver = subprocess.Popen(
            [sys.executable, "-c", CHILD, "receiver", *options, "--listener", str(fds[1])],
            env=environment(RAYTRAIL_TOKENS=TOKEN),
            pass_fds=fds,
            stdout=subprocess.PIPE,
            text=True,
        )
        with httpx2.Client(timeout=PATIENCE_SECONDS, trust_env=False) as client:
            answer = client.get(f"http://127.0.0.1:{listener.getsockname()[1]}/metrics")
        receiver.send_signal(signal.SIGTERM)
        output, _ = receiver.communicate(timeout=PATIENCE_SECONDS)
    for fd in (read_end, write_end):
        os.close(fd)

    assert answer.status_code in {200, 401}
    # structlog loads Rich where it is installed.
    assert loaded(output) == {"pydantic", "rich", "sqlalchemy", "structlog", "uvicorn"}
