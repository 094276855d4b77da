"""Every token in a destination arrives unchanged in the header that the service checks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cloudflare_api.destination import complaint_about, split
from upstream.errors import EndpointNotReady
from upstream.logpush.destination import ALLOWED, MASK, Destination, public_address

PUBLIC = "https://logs.example.com"
TOKENS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=80)


@given(TOKENS)
def test_every_token_is_sent_unchanged_and_never_shown(token: str) -> None:
    destination = Destination.of(PUBLIC, "http_requests", token)

    url, headers = split(destination.text)

    assert complaint_about(destination.text) == ""
    assert url == destination.upload_url() == f"{PUBLIC}/logpush/http_requests"
    assert headers == destination.headers() == {"Authorization": f"Bearer {token}"}
    assert token in destination.tokens()
    shown = f"{PUBLIC}/logpush/http_requests?header_Authorization=Bearer%20{MASK}"
    assert str(destination) == destination.masked() == shown
    assert destination.text not in repr(destination)
    assert destination.text.partition("%20")[2] not in repr(destination)


@given(TOKENS, TOKENS)
def test_added_parameters_move_along_and_the_old_token_does_not(old: str, new: str) -> None:
    before = Destination.of(PUBLIC, "http_requests", old)
    added = "header_CF-Access-Client-Secret=hush-hush-hush&tags=host:a.example"
    before = Destination(f"{before.text}&{added}")

    after = before.moved_to(Destination.of("https://new.example", "http_requests", new))

    assert after.headers() == {
        "Authorization": f"Bearer {new}",
        "CF-Access-Client-Secret": "hush-hush-hush",
    }
    assert after.upload_url() == ("https://new.example/logpush/http_requests?tags=host:a.example")
    assert "hush" not in after.masked()
    assert "tags=host:a.example" in after.masked()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://Logs.Example.com:443/logpush/http_requests/", f"{PUBLIC}/logpush/http_requests"),
        (f"{PUBLIC}/logpush/http_requests/t/a-token", f"{PUBLIC}/logpush/http_requests"),
        (f"{PUBLIC}:8443/logpush?header_X=1", f"{PUBLIC}:8443/logpush"),
        (f"{PUBLIC}:port/logpush", f"{PUBLIC}:0/logpush"),
        ("https://[bad", "://"),
        ("s3://bucket/logs?region=us-west-2", "s3://bucket/logs"),
    ],
)
def test_addresses_are_normalized_for_comparison(text: str, address: str) -> None:
    assert Destination(text).address == address


def test_a_token_in_the_path_is_found_and_masked() -> None:
    destination = Destination(f"{PUBLIC}/logpush/http_requests/t/a-secret-token")

    assert "a-secret-token" in destination.tokens()
    assert destination.masked() == f"{PUBLIC}/logpush/http_requests/t/{MASK}"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "not set"),
        ("http://logs.example.com", "https only"),
        ("ftp://logs.example.com", "must look like"),
        ("logs.example.com", "must look like"),
        ("https://", "must look like"),
        ("https://me:secret@logs.example.com", "no query"),
        ("https://logs.example.com?x=1", "no query"),
        ("https://logs.example.com/ü", "accepts only ASCII"),
    ],
)
def test_a_public_url_that_cloudflare_could_not_use_is_refused(url: str, problem: str) -> None:
    with pytest.raises(EndpointNotReady, match=problem) as refused:
        public_address(url)

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["https://logs.example.com/raytrail/", "http://127.0.0.1:8080", "http://localhost:1"]
)
def test_a_valid_public_url_is_accepted(url: str) -> None:
    assert public_address(url) == url.rstrip("/")


def test_an_address_that_is_too_long_is_refused() -> None:
    long_url = f"{PUBLIC}/{'a' * 4096}"
    assert ALLOWED.fullmatch(long_url)

    with pytest.raises(EndpointNotReady, match="4,096"):
        Destination.of(long_url, "http_requests", "a-token")
