"""The certificate of the public address is checked in the same way as by a sender."""

from datetime import timedelta

import pytest

from store.timestamps import system_clock
from tests.tls import DAYS, Pem, self_signed, serving
from upstream.errors import EndpointNotReady
from upstream.logpush import certificate


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Pem:
    return self_signed(tmp_path_factory.mktemp("tls"))


def test_a_trusted_certificate_has_an_expiry(pem: Pem, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem.certificate))

    with serving(pem) as url:
        found = certificate.of(url)

    left = found.left(system_clock())
    assert timedelta(days=DAYS - 1) < left <= timedelta(days=DAYS)


def test_a_self_signed_certificate_is_refused(pem: Pem) -> None:
    with serving(pem) as url, pytest.raises(EndpointNotReady, match="self-signed certificate"):
        certificate.of(url)


def test_an_unreachable_address_is_an_error() -> None:
    with pytest.raises(EndpointNotReady, match="cannot be reached"):
        certificate.of("https://127.0.0.1:9")
