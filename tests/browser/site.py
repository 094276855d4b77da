"""A site of our own on loopback with TLS, which remembers what it was asked."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.tls import Pem, serving

HOST = "app.widgetcorp.example"
OTHER_HOST = "partner.example"

# What `raytrail setup` asks Cloudflare to log, and the Referer, which has a field of its own.
LOGGED = ("sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site", "sec-fetch-user", "sec-purpose")
ANSWERED = ("content-disposition", "content-length")

WAIT_SECONDS_MAX = 20.0
LOOK_SECONDS = 0.02
# After this long without a request, no other one is expected.
QUIET_SECONDS = 0.4

IMAGE = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

# By the last part of a path: content type, body, and other headers of the answer.
FILES: Mapping[str, tuple[str, bytes, Mapping[str, str]]] = {
    "image.gif": ("image/gif", IMAGE, {"Cache-Control": "no-store"}),
    "data.json": ("application/json", b"{}", {"Cache-Control": "no-store"}),
    "events": ("text/event-stream", b"data: 1\n\n", {"Cache-Control": "no-store"}),
    "archive.zip": ("application/zip", b"PK\x05\x06" + bytes(18), {}),
    "export": (
        "text/html",
        b"<!doctype html>a report",
        {"Content-Disposition": 'attachment; filename="report.html"'},
    ),
}

Request = dict[str, Any]


@dataclass
class Site:
    """`pages` are HTML by path. `requests` are in the order in which they came."""

    pages: Mapping[str, str]
    requests: list[Request] = field(default_factory=list)
    _last: float = 0.0

    def answer(self, path: str) -> tuple[int, str, bytes, Mapping[str, str]]:
        """Status, content type, body and other headers."""
        plain = path.partition("?")[0]
        if plain.endswith("/redirect"):
            return 302, "text/html", b"", {"Location": "target"}
        if plain in self.pages:
            # A page must be cacheable for a moment, or its prefetched copy is of no use.
            body = self.pages[plain].encode()
            return 200, "text/html; charset=utf-8", body, {"Cache-Control": "max-age=60"}
        found = FILES.get(plain.rpartition("/")[2])
        return (200, *found) if found else (404, "text/html", b"", {})

    def note(self, request: Request) -> None:
        self.requests.append(request)
        self._last = time.monotonic()

    def of(self, act: str) -> list[Request]:
        """The requests for pages and files of one act."""
        return [each for each in self.requests if each["path"].startswith(f"/{act}/")]

    def settle(self, act: str, path: str) -> None:
        """Wait for a request of the act for this path, then until no other one comes."""
        ends = time.monotonic() + WAIT_SECONDS_MAX
        while not any(each["path"].partition("?")[0] == path for each in self.of(act)):
            assert time.monotonic() < ends, f"{act}: no request for {path}: {self.of(act)}"
            time.sleep(LOOK_SECONDS)
        self.quiet()

    def quiet(self) -> None:
        begun = time.monotonic()
        while time.monotonic() - max(begun, self._last) < QUIET_SECONDS:
            time.sleep(LOOK_SECONDS)


@contextmanager
def served(pem: Pem, pages: Mapping[str, str]) -> Iterator[tuple[Site, int]]:
    """The site and its port."""
    site = Site(pages)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            status, content_type, body, headers = site.answer(self.path)
            self.send_response(status)
            sent = {"Content-Type": content_type, "Content-Length": str(len(body)), **headers}
            for name, value in sent.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            answered = {name.lower(): value for name, value in sent.items()}
            with lock:
                site.note(
                    {
                        "host": self.headers.get("host", ""),
                        "method": self.command,
                        "path": self.path,
                        "status": status,
                        "content_type": content_type,
                        "referer": self.headers.get("referer", ""),
                        "sent": {k: self.headers[k] for k in LOGGED if k in self.headers},
                        "answered": {k: answered[k] for k in ANSWERED if k in answered},
                    }
                )

        do_POST = do_DELETE = do_GET  # noqa: N815 (the base class looks for these names)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with serving(pem, Handler) as url:
        yield site, int(url.rpartition(":")[2])
