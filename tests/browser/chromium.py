"""A real Chromium, driven over the DevTools protocol by a pipe, as a person would drive it.

It is started plainly: the flags of test drivers switch off what browsers fetch ahead. It resolves
the hosts of the test to loopback, and no other host at all.
"""

import fcntl
import itertools
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

# Debian's `chromium` is a script that adds flags of its own, among them `--disable-pings`.
PROGRAMS = ("/usr/lib/chromium/chromium", "chromium", "google-chrome", "chrome")

# The descriptors at which Chromium expects the pipe.
FROM_US, TO_US = 3, 4

ANSWER_SECONDS_MAX = 20.0
LOOK_SECONDS = 0.02

Answer = dict[str, Any]


class BrowserFailed(AssertionError):
    """Chromium did not do what the protocol promises."""


def program() -> str | None:
    """The path of Chromium, or None if this machine has none."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


class Chromium:
    """A running Chromium; `running` starts and ends it. For one thread."""

    def __init__(self, writing: IO[bytes], reading: IO[bytes]) -> None:
        self._writing = writing
        self._reading = reading
        self._numbers = itertools.count(1)

    def call(self, method: str, session: str | None = None, **parameters: Any) -> Answer:
        """The result of one command. Events are not kept."""
        number = next(self._numbers)
        asked = {"id": number, "method": method, "params": parameters}
        if session:
            asked["sessionId"] = session
        self._writing.write(json.dumps(asked).encode() + b"\0")
        self._writing.flush()
        while (answer := self._next()).get("id") != number:
            pass
        if "error" in answer:
            raise BrowserFailed(f"{method}: {answer['error']['message']}")
        result: Answer = answer["result"]
        return result

    def tab(self) -> "Tab":
        made = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=made, flatten=True)
        return Tab(self, made, attached["sessionId"])

    @contextmanager
    def unwatched(self, url: str) -> Iterator[None]:
        """A page in a tab of its own, to which no debugger is attached."""
        made = self.call("Target.createTarget", url=url)["targetId"]
        yield
        self.call("Target.closeTarget", targetId=made)

    def _next(self) -> Answer:
        message = bytearray()
        while (byte := self._reading.read(1)) != b"\0":
            if not byte:
                raise BrowserFailed("Chromium has ended")
            message += byte
        answer: Answer = json.loads(message)
        return answer


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab, with the acts of a person."""

    browser: Chromium
    target: str
    session: str

    def type_address(self, url: str) -> None:
        """In a fresh tab."""
        self._call("Page.navigate", url=url, transitionType="typed")
        self.until("location.href !== 'about:blank' && document.readyState === 'complete'")

    def resize(self, width: int, height: int) -> None:
        """As a window of this size shows pages, in pixels of CSS."""
        size = {"width": width, "height": height}
        self._call("Emulation.setDeviceMetricsOverride", **size, deviceScaleFactor=1, mobile=False)

    def reload(self) -> None:
        self.evaluate("window.isBefore = true")
        self._call("Page.reload")
        self.until("!window.isBefore && document.readyState === 'complete'")

    def click(self, element: str) -> None:
        """Press and release the mouse over the element with this id."""
        middle = (
            f"(r => [r.x + r.width / 2, r.y + r.height / 2])"
            f"(document.getElementById('{element}').getBoundingClientRect())"
        )
        x, y = self.evaluate(middle)
        for kind in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def evaluate(self, expression: str) -> Any:
        """The value of JavaScript, which runs as code of the page, without a person's act."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait until it is true. A page that is being replaced has no answer yet."""
        ends = time.monotonic() + ANSWER_SECONDS_MAX
        while time.monotonic() < ends:
            try:
                if self.evaluate(expression):
                    return
            except BrowserFailed:
                pass
            time.sleep(LOOK_SECONDS)
        raise BrowserFailed(f"not true in {ANSWER_SECONDS_MAX:.0f} s: {expression}")

    def close(self) -> None:
        self.browser.call("Target.closeTarget", targetId=self.target)

    def _call(self, method: str, **parameters: Any) -> Answer:
        return self.browser.call(method, self.session, **parameters)


@contextmanager
def running(path: str, folder: Path, hosts: dict[str, int], trusted: str) -> Iterator[Chromium]:
    """A browser with a fresh profile in `folder`. `hosts` are on these loopback ports.

    `trusted` is the hash of a public key; a certificate with this key is taken as valid.
    """
    rules = [f"MAP {host}:443 127.0.0.1:{port}" for host, port in hosts.items()]
    command = [
        path,
        "--headless=new",
        "--no-first-run",
        "--remote-debugging-pipe",
        f"--user-data-dir={folder / 'profile'}",
        f"--host-resolver-rules={', '.join([*rules, 'MAP * ~NOTFOUND'])}",
        f"--ignore-certificate-errors-spki-list={trusted}",
        "--disable-dev-shm-usage",
        # Chromium's own sandbox needs rights that a container does not give; the pages are ours.
        "--no-sandbox",
        "about:blank",
    ]
    from_us, to_us = os.pipe(), os.pipe()
    reads, writes = high(from_us[0]), high(to_us[1])
    log = str(folder / "chromium.log")
    pid = os.posix_spawn(
        path,
        command,
        {**os.environ, "HOME": str(folder)},
        setsid=True,
        file_actions=(
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
            (os.POSIX_SPAWN_DUP2, reads, FROM_US),
            (os.POSIX_SPAWN_DUP2, writes, TO_US),
        ),
    )
    os.close(reads)
    os.close(writes)
    try:
        with os.fdopen(from_us[1], "wb") as writing, os.fdopen(to_us[0], "rb") as reading:
            browser = Chromium(writing, reading)
            browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
            yield browser
    finally:
        # Its children are in its group.
        os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def high(descriptor: int) -> int:
    """The same pipe at a number that is none of those that Chromium expects."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, TO_US + 1)
    os.close(descriptor)
    return moved
