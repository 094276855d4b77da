"""The answers to uploads, over real HTTP."""

import base64
import hashlib
import uuid
from pathlib import Path
from typing import Any

import pytest

from store.intake.dataset_names import NEW_NAMES_MAX
from tests.factories import gzipped, ndjson, record
from tests.service import TOKEN, Service, post


def fresh(**changes: Any) -> bytes:
    """A new batch."""
    return gzipped(ndjson(record(RayID=uuid.uuid4().hex[:16], **changes)))


def raw_files(service: Service) -> set[Path]:
    return {path for path in (service.data / "raw").rglob("*") if path.is_file()}


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("path", ["/logpush/http_requests", "/logpush"])
def test_a_batch_is_answered_with_its_hash(service: Service, method: str, path: str) -> None:
    body = fresh()

    answer = post(service, body, path, method=method)
    again = post(service, body, path, method=method)

    sha256 = hashlib.sha256(body).hexdigest()
    assert answer.status_code == again.status_code == 200
    assert answer.json() == {"batch": sha256, "bytes": len(body), "duplicate": False}
    assert again.json() == {"batch": sha256, "bytes": len(body), "duplicate": True}


@pytest.mark.parametrize(
    ("name", "body", "looks_like"),
    [
        ("http_request", fresh(), "http_requests"),
        ("http_request", gzipped(b'{"Other":1}'), None),
        # Cloudflare has these, so nothing is looked at.
        ("firewall_events", fresh(), None),
        ("spectrum_events", fresh(), None),
    ],
)
def test_records_that_plainly_belong_to_another_dataset_are_told_of_in_the_answer(
    service: Service, name: str, body: bytes, looks_like: str | None
) -> None:
    answer = post(service, body, f"/logpush/{name}")

    assert answer.status_code == 200
    assert answer.json().get("looks_like") == looks_like


def test_a_token_that_begins_more_datasets_than_a_day_has_room_for_is_answered_200(
    service: Service,
) -> None:
    older = {"Authorization": "Bearer an-older-token-still-valid"}
    names = [f"made_up_{number:03d}" for number in range(NEW_NAMES_MAX + 2)]

    answers = [post(service, fresh(), f"/logpush/{name}", headers=older) for name in names]
    another = post(service, fresh(), f"/logpush/{names[-1]}")

    assert {answer.status_code for answer in (*answers, another)} == {200}
    stored_as = [answer.json().get("stored_as") for answer in answers]
    assert stored_as == [*[None] * NEW_NAMES_MAX, "unknown", "unknown"]
    assert "stored_as" not in another.json()
    assert "stored_as" not in post(service, fresh(), headers=older).json()


@pytest.mark.parametrize("path", ["/logpush/http_requests", "/logpush"])
@pytest.mark.parametrize("plain", [b'{"content":"tests"}', b"test", b'{"content":"test"}\n'])
def test_a_test_upload_is_answered_and_not_stored(
    service: Service, path: str, plain: bytes
) -> None:
    before = raw_files(service)

    for body in (plain, gzipped(plain)):
        answer = post(service, body, path)
        assert (answer.status_code, answer.json()) == (200, {"test": True})
    assert raw_files(service) == before


def basic(pair: str) -> str:
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {TOKEN}"},
        {"Authorization": f"bearer {TOKEN}"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": basic(f"logpush:{TOKEN}")},
        {"Authorization": "Bearer an-older-token-still-valid"},
        {"X-Raytrail": TOKEN},
    ],
)
def test_a_token_is_accepted_wherever_logpush_can_put_it(
    service: Service, headers: dict[str, str]
) -> None:
    assert post(service, fresh(), headers=headers).status_code == 200


def test_a_token_is_accepted_as_the_last_segment_of_the_path(service: Service) -> None:
    answer = post(service, fresh(), f"/logpush/http_requests/t/{TOKEN}?tags=host:x", headers={})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": f"Digest {TOKEN}"},
        {"Authorization": TOKEN},
        {"Authorization": basic(f"{TOKEN}:logpush")},
        {"Authorization": "Basic !!!!"},
        {"Authorization": f"Bearer {TOKEN}", "X-Raytrail": TOKEN},
        {"X-Raytrail": "wrong"},
        {"Authorization": "Bearer schlüssel"},
    ],
)
def test_every_wrong_token_gets_the_same_401_and_leaves_nothing(
    service: Service, headers: dict[str, str]
) -> None:
    before = raw_files(service)
    encoded = {name: text.encode("latin-1") for name, text in headers.items()}

    answer = post(service, fresh(), headers=encoded)  # type: ignore[arg-type]

    assert answer.status_code == 401
    assert answer.json() == {"error": "a valid token is needed"}
    assert answer.headers["connection"] == "close"
    assert raw_files(service) == before


def test_a_token_in_the_query_is_not_accepted(service: Service) -> None:
    assert post(service, fresh(), f"/logpush/http_requests?token={TOKEN}", {}).status_code == 401


@pytest.mark.parametrize("name", ["dns_logs", "brand_new_logs", "a" * 63])
def test_a_dataset_without_a_description_is_accepted(service: Service, name: str) -> None:
    body = fresh()

    answer = post(service, body, f"/logpush/{name}")

    assert (answer.status_code, answer.json()["duplicate"]) == (200, False)
    assert "unread" not in answer.json()


def test_records_of_no_known_dataset_are_accepted(service: Service) -> None:
    body = gzipped(ndjson({"Made": uuid.uuid4().hex}))

    answer = post(service, body, "/logpush")

    assert answer.json() == {
        "batch": hashlib.sha256(body).hexdigest(),
        "bytes": len(body),
        "duplicate": False,
    }


@pytest.mark.parametrize(
    "name",
    [
        "rejected",
        "trail",
        "select",
        "a.b",
        "a" * 64,
        "x",
        "..%2f..%2fetc",
        "%00",
        "CON",
        "http_requests%20",
        "\uff48ttp_requests",
        "a" * 10_000,
    ],
)
def test_an_invalid_dataset_name_is_answered_404_and_creates_no_path(
    service: Service, name: str
) -> None:
    before = raw_files(service)

    answer = post(service, fresh(), f"/logpush/{name}")

    assert answer.status_code == 404
    assert raw_files(service) == before


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE", "DELETE"])
def test_other_methods_are_405(service: Service, method: str) -> None:
    assert post(service, b"", method=method).status_code == 405


AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip", "identity", ""])
def test_gzip_is_recognised_by_its_bytes_under_any_content_encoding(
    service: Service, encoding: str
) -> None:
    headers = {**AUTHORIZED, "Content-Encoding": encoding}

    assert post(service, fresh(), headers=headers).status_code == 200


@pytest.mark.parametrize("encoding", ["deflate", "zstd", "br", "compress", "gzip, gzip", "hello"])
def test_other_encodings_are_answered_415_with_the_accepted_ones(
    service: Service, encoding: str
) -> None:
    before = raw_files(service)

    answer = post(service, fresh(), headers={**AUTHORIZED, "Content-Encoding": encoding})

    assert answer.status_code == 415
    assert answer.headers["accept-encoding"] == "gzip, identity"
    assert raw_files(service) == before


def test_plain_lines_that_claim_to_be_gzip_are_damaged(service: Service) -> None:
    headers = {**AUTHORIZED, "Content-Encoding": "gzip"}

    assert post(service, ndjson(record()), headers=headers).status_code == 400


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "multipart/form-data", ""])
def test_every_content_type_is_accepted(service: Service, kind: str) -> None:
    assert post(service, fresh(), headers={**AUTHORIZED, "Content-Type": kind}).status_code == 200


def test_a_damaged_body_is_answered_400_twice_and_then_kept_as_evidence(service: Service) -> None:
    damaged = fresh()[:-1]
    sha256 = hashlib.sha256(damaged).hexdigest()

    answers = [post(service, damaged) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [400, 400, 200, 200]
    assert answers[0].json() == {
        "error": "the body arrived damaged; send it again",
        "batch": sha256,
    }
    assert answers[2].json() == {
        "batch": sha256,
        "bytes": len(damaged),
        "duplicate": False,
        "unread": "gzip: ends before its trailer",
    }
    assert answers[3].json()["duplicate"] is True


def test_an_empty_body_is_400(service: Service) -> None:
    assert post(service, b"").status_code == 400


@pytest.mark.parametrize(("size", "status"), [(1_000_000, 200), (1_000_001, 413)])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_over_the_limit_is_answered_413_with_the_limit(
    service: Service, size: int, status: int, is_chunked: bool
) -> None:
    body = uuid.uuid4().hex.encode().ljust(size, b"z")
    before = raw_files(service)

    # A body given as an iterator is sent in chunks, without a Content-Length.
    answer = post(service, iter([body]) if is_chunked else body)  # type: ignore[arg-type]

    assert answer.status_code == status
    if status == 413:
        assert answer.json()["bytes_max"] == 1_000_000
        assert answer.headers["connection"] == "close"
        assert raw_files(service) == before


def test_health_and_metrics_show_the_state_of_the_service(service: Service) -> None:
    post(service, fresh())

    health = post(service, b"", "/health", {}, "GET")
    metrics = post(service, b"", "/metrics", {}, "GET")

    assert health.status_code == 200
    assert health.json()["status"] == "ok"
    assert {"sequence", "pending_batches", "lag_seconds"} <= health.json().keys()
    for name in ("raytrail_batches_total", "raytrail_lag_seconds", "raytrail_refused_requests"):
        assert name in metrics.text


def test_no_token_is_logged_or_answered(service: Service) -> None:
    wrong = "a-wrong-token-that-somebody-typed"
    post(service, fresh(), f"/logpush/http_requests/t/{wrong}", {})
    post(service, fresh(), f"/logpush/http_requests/t/{TOKEN}", {})
    answer = post(service, fresh(), headers={"Authorization": f"Bearer {wrong}"})
    metrics = post(service, b"", "/metrics", {}, "GET")

    said = "".join(service.raw_log) + answer.text + metrics.text
    assert "refused" in said
    for secret in (TOKEN, wrong, "an-older-token-still-valid"):
        assert secret not in said


@pytest.mark.parametrize("path", [f"/logpush/http_requests/t/{TOKEN}/", "/logpush/", "/health/"])
def test_no_path_is_repeated_in_a_redirect(service: Service, path: str) -> None:
    answer = post(service, fresh(), path)

    assert answer.status_code == 404
    assert "location" not in answer.headers
