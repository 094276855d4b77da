"""A certificate for `localhost` that has signed itself, and a server that shows it."""

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

DAYS = 30
OPTIONS = (
    f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days {DAYS} "
    "-subj /CN=localhost -addext subjectAltName=DNS:localhost"
).split()


@dataclass(frozen=True)
class Pem:
    key: Path
    certificate: Path


def self_signed(folder: Path) -> Pem:
    """Skips the test where there is no openssl to make one."""
    if shutil.which("openssl") is None:
        pytest.skip("NO OPENSSL: certificates were not looked at")
    made = Pem(folder / "key.pem", folder / "certificate.pem")
    where = ["-keyout", str(made.key), "-out", str(made.certificate)]
    subprocess.run(["openssl", *OPTIONS, *where], check=True, capture_output=True)
    return made


class _Answering(BaseHTTPRequestHandler):
    """200 to everything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Whoever does not trust the certificate hangs up; that is what is tested."""


@contextmanager
def serving(pem: Pem, handler: type[BaseHTTPRequestHandler] = _Answering) -> Iterator[str]:
    """Its URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem.certificate, pem.key)
    with _Server(("127.0.0.1", 0), handler) as server:
        server.socket = context.wrap_socket(
            server.socket,
            server_side=True,
            # The handler's thread does it: a client that only connects must not stop the others.
            do_handshake_on_connect=False,
        )
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"https://localhost:{server.server_port}"
        finally:
            server.shutdown()
