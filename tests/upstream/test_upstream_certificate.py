"""The certificate of the public address, looked at as a sender would."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from store.moment import system_clock
from upstream import certificate
from upstream.errors import EndpointNotReady

DAYS = 30
OPTIONS = (
    f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days {DAYS} "
    "-subj /CN=localhost -addext subjectAltName=DNS:localhost"
).split()


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and the certificate it has signed itself, for `localhost`."""
    if shutil.which("openssl") is None:
        pytest.skip("NO OPENSSL: certificates were not looked at")
    folder = tmp_path_factory.mktemp("tls")
    where = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    subprocess.run(["openssl", *OPTIONS, *where], check=True, capture_output=True)
    return folder


@pytest.fixture
def url(pem: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem / "certificate.pem", pem / "key.pem")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_shake_hands, args=(listener, context), daemon=True)
        thread.start()
        yield f"https://localhost:{listener.getsockname()[1]}"
        thread.join(10)


def _shake_hands(listener: socket.socket, context: ssl.SSLContext) -> None:
    connection, _ = listener.accept()
    try:
        context.wrap_socket(connection, server_side=True).close()
    except (ssl.SSLError, OSError):
        connection.close()  # The other side did not trust it, and said so.


def test_a_trusted_one_tells_how_long_it_is_good_for(
    pem: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem / "certificate.pem"))

    found = certificate.of(url)

    left = found.left(system_clock())
    assert timedelta(days=DAYS - 1) < left <= timedelta(days=DAYS)


def test_one_that_nobody_vouches_for_is_told(url: str) -> None:
    with pytest.raises(EndpointNotReady, match="localhost: self-signed certificate"):
        certificate.of(url)


def test_where_nobody_listens_that_is_told() -> None:
    with pytest.raises(EndpointNotReady, match="cannot be reached"):
        certificate.of("https://127.0.0.1:9")
