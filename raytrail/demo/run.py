"""`make demo`: a real service on a free loopback port, real posts, a real report.

The sample batches are in raytrail/demo. A second run sends the same batches, which the store
recognizes as duplicates.
"""

import gzip
import json
import os
import secrets
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from raytrail.command_line.echo import echo
from raytrail.errors import CannotDo
from raytrail.progress import shown_if_slow
from schema.body.limits import EnvelopeLimits
from store.files.layout import Layout
from store.intake.examination import Examination
from store.reading.shell.published import published
from store.store import Store
from store.timestamps import system_clock

USER = "srhea"
START_SECONDS_MAX = 30.0
READABLE_SECONDS_MAX = 60.0
POST_SECONDS_MAX = 30.0
LOOK_SECONDS = 0.1
# Enough of the service's log to see why it did not start.
LOG_LINES_KEPT = 20
# The samples are one megabyte; a laptop with a nearly full disk must still run the demo.
_ROOM = {"RAYTRAIL_RESERVE_BYTES": "67108864", "RAYTRAIL_RESERVE_PERCENT": "0"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One batch as Logpush would send it."""

    dataset: str
    name: str
    body: bytes
    content: str


@dataclass(slots=True)
class Running:
    """A running service, and the last lines of its log."""

    url: str
    token: str
    said: deque[str] = field(default_factory=lambda: deque(maxlen=LOG_LINES_KEPT))


def samples() -> list[Sample]:
    """The bundled batches, compressed as Logpush compresses them."""
    folder = resources.files("raytrail.demo")
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".ndjson"))
    return [_sample(name, folder.joinpath(name).read_bytes()) for name in names]


def run(place: Path | Layout) -> None:
    """Receive and load the samples. CannotDo says what failed."""
    batches, layout = samples(), Layout.of(place)
    data = layout.root
    _demand_own(layout, {sample.content for sample in batches})
    _say(f"1. starting the receiver and the loader on {data}/ ...")
    with _service(data) as service:
        _say(f"   listening on {service.url}")
        _say("2. posting the sample batches as Logpush does, its test upload first ...")
        _say(f"   test upload: {_post(service, 'http_requests', b'test')}")
        for sample in batches:
            answer = _post(service, sample.dataset, sample.body)
            _say(f"   {sample.name}: {len(sample.body):,} bytes, duplicate: {answer['duplicate']}")
        _say("3. waiting until every row is loaded ...")
        with shown_if_slow("   loading"):
            _wait_until_readable(layout)
        _say("   all batches are loaded")
    _say("   the service has stopped")


def next_steps(data: Path) -> str:
    """What a person does after the demo."""
    return f"""
ask again      make report user={USER} since=2026-11-18
who is who     .venv/bin/raytrail people --data {data}
in SQL         make shell    (or: .venv/bin/duckdb -readonly {data}/audit.duckdb)
               FROM trail('{USER}');  FROM people();
what is there  make status
for real       set RAYTRAIL_TOKENS, run `make serve`, and give Logpush this destination:
               https://YOUR-HOST/logpush/http_requests?header_Authorization=Bearer%20YOUR-TOKEN
"""


def _sample(name: str, plain: bytes) -> Sample:
    body = gzip.compress(plain, mtime=0)
    examination = Examination(EnvelopeLimits())
    examination.feed(body)
    dataset = name.partition("-")[0]
    return Sample(dataset, name, body, examination.result().content)


def _demand_own(layout: Layout, contents: set[str]) -> None:
    """Refuse a folder with real data: made-up people do not belong there."""
    if not layout.catalog_file.exists():
        return
    with Store.open(layout, system_clock) as store:
        if store.content_hashes() - contents:
            raise CannotDo(
                f"{layout.root}/ contains batches other than the demo's; use another folder:"
                " make demo data=demo-data"
            )


@contextmanager
def _service(data: Path) -> Iterator[Running]:
    """`raytrail serve` on a free port with a fresh token, stopped at the end."""
    token = secrets.token_urlsafe(32)
    environment = {**os.environ, **_ROOM, "RAYTRAIL_TOKENS": token, "RAYTRAIL_WORKERS": "1"}
    serve = ["serve", "--data", str(data), "--host", "127.0.0.1", "--port", "0"]
    process = subprocess.Popen(  # noqa: S603 (our own program, no shell)
        [sys.executable, "-m", "raytrail", *serve],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    running = Running("", token)
    listener = threading.Thread(target=_listen, args=(process, running), daemon=True)
    listener.start()
    try:
        _wait_for_address(process, running)
        yield running
    finally:
        process.terminate()
        process.wait()
        listener.join()


def _listen(process: "subprocess.Popen[str]", running: Running) -> None:
    assert process.stderr is not None  # noqa: S101 (it was started with a pipe)
    with process.stderr as lines:
        for line in lines:
            running.said.append(line)
            if '"listening"' in line:
                running.url = json.loads(line)["url"]


def _wait_for_address(process: "subprocess.Popen[str]", running: Running) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while not running.url:
        if process.poll() is not None or time.monotonic() > deadline:
            raise CannotDo(
                "the service did not start; its last log lines:\n" + "".join(running.said)
            )
        time.sleep(LOOK_SECONDS)


def _post(service: Running, dataset: str, body: bytes) -> dict[str, object]:
    headers = {"Authorization": f"Bearer {service.token}", "Content-Encoding": "gzip"}
    if not body.startswith(b"\x1f\x8b"):
        body = gzip.compress(body)
    url = f"{service.url}/logpush/{dataset}"
    request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 (our own loopback)
    try:
        with urllib.request.urlopen(request, timeout=POST_SECONDS_MAX) as answer:  # noqa: S310
            found: dict[str, object] = json.load(answer)
            return found
    except urllib.error.HTTPError as error:
        raise CannotDo(f"the receiver answered {error.code}: {error.read().decode()}") from error


def _wait_until_readable(layout: Layout) -> None:
    deadline = time.monotonic() + READABLE_SECONDS_MAX
    with Store.open(layout, system_clock) as store:
        while store.snapshot().pending_batches or not _is_published(store):
            if time.monotonic() > deadline:
                raise CannotDo("the loader did not finish; see `make status`")
            time.sleep(LOOK_SECONDS)


def _is_published(store: Store) -> bool:
    """Whether `audit.duckdb` shows every row: a loader that is stopped before would leave an old one."""
    shown = published(store.layout)
    return shown is not None and shown.sequence >= store.newest_change().sequence


def _say(text: str) -> None:
    echo(text)
