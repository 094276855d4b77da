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
from tests.service import SETTINGS, TOKEN, environment
from tests.until import PATIENCE_SECONDS

# Each takes more than 30 ms of CPU or 10 MB to load.
LARGE = {
    *("altair", "cloudflare", "duckdb", "httpx2", "jinja2", "markdown_it", "psycopg", "pyarrow"),
    "pydantic",
    *("rich", "sqlalchemy", "structlog", "typer", "uvicorn", "vl_convert", "yaml"),
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


def run(*arguments: str, **settings: str) -> set[str]:
    """What a command loads with these settings alone."""
    variables = {name: text for name, text in environment().items() if name not in SETTINGS}
    ended = subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**variables, **settings},
    )
    return loaded(ended.stdout)


@pytest.fixture
def data(store: Store, body: Body) -> str:
    send(store, body())
    LiveLoading(store, configure("test"), SHELL).until_drained()
    return str(store.layout.root)


def test_the_help_loads_what_reads_options() -> None:
    assert run("--help") == {"typer"}


def test_the_help_of_one_command_loads_what_typer_reads_options_with() -> None:
    assert run("logins", "pull", "--help") == {"typer", "pydantic"}


# What each question loads beside the engine: the heads of the rules are YAML.
ASKED = {
    ("trail", "--user", "srhea"): set[str](),
    ("explain", "8f0e1d2c3b4a5968"): set[str](),
    ("compare", "srhea", "--period", "7d"): set[str](),
    ("sql", "SELECT 1"): set[str](),
    ("visitors", "jira.widgetcorp.example"): {"rich"},
    ("findings", "--user", "srhea"): {"rich", "yaml"},
    ("report", "--user", "srhea"): {"yaml"},
}


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked[0])
def test_a_question_loads_the_query_engine(data: str, asked: tuple[str, ...]) -> None:
    assert run(*asked, "--json", "--data", data) == {"duckdb", "pyarrow"} | ASKED[asked]


def test_a_table_on_a_terminal_loads_rich_beside_it(data: str) -> None:
    assert run("trail", "--user", "srhea", "--data", data) == {"duckdb", "pyarrow", "rich"}


def test_a_setting_with_a_rule_loads_what_checks_it(data: str) -> None:
    asked = ("trail", "--user", "srhea", "--json", "--data", data)

    assert run(*asked, RAYTRAIL_SESSION_MINUTES="45") == {"duckdb", "pyarrow", "pydantic"}


def test_the_status_loads_what_opens_a_store(data: str) -> None:
    assert run("status", "--data", data) == {"sqlalchemy"}


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
