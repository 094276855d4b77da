"""The certificate of the public address, looked at as a sender would."""

from datetime import timedelta

import pytest

from store.timestamps import system_clock
from tests.tls import DAYS, Pem, self_signed, serving
from upstream.errors import EndpointNotReady
from upstream.logpush import certificate


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Pem:
    return self_signed(tmp_path_factory.mktemp("tls"))


def test_a_trusted_one_tells_how_long_it_is_good_for(
    pem: Pem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem.certificate))

    with serving(pem) as url:
        found = certificate.of(url)

    left = found.left(system_clock())
    assert timedelta(days=DAYS - 1) < left <= timedelta(days=DAYS)


def test_one_that_nobody_vouches_for_is_told(pem: Pem) -> None:
    with serving(pem) as url, pytest.raises(EndpointNotReady, match="self-signed certificate"):
        certificate.of(url)


def test_where_nobody_listens_that_is_told() -> None:
    with pytest.raises(EndpointNotReady, match="cannot be reached"):
        certificate.of("https://127.0.0.1:9")
