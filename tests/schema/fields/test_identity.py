"""Who a record names, and where; never a guess between two."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.dataset import IdentityRule, datasets
from schema.fields.identity import NOBODY, Identity, identify

HTTP = datasets()["http_requests"].identity
ACCESS = datasets()["access_requests"].identity


def http(text: str) -> Identity:
    return identify(HTTP, orjson.loads(text), text.encode())


def header(pairs: str) -> str | None:
    return http(f'{{"RequestHeaders":{pairs}}}').user_id


def test_the_request_header_names_the_user() -> None:
    text = '{"RequestHeaders":{"cf-access-user":"srhea"},"Cookies":{"cf-access-user":"other"}}'

    assert http(text) == Identity("srhea", "request_header")


@pytest.mark.parametrize("headers", ["{}", '{"cf-access-user":""}', "null", '"x"', "[]"])
def test_the_cookie_names_the_user_where_the_header_does_not(headers: str) -> None:
    text = f'{{"RequestHeaders":{headers},"Cookies":{{"cf-access-user":"srhea"}}}}'

    assert http(text) == Identity("srhea", "cookie")


def test_a_login_names_its_email() -> None:
    text = '{"Email":"User@Example.com "}'

    assert identify(ACCESS, orjson.loads(text), text.encode()) == Identity(
        "User@Example.com ", "email"
    )


@pytest.mark.parametrize("text", ["{}", '{"Email":""}', '{"Email":null}', '{"Email":{}}'])
def test_a_login_without_an_email_names_nobody(text: str) -> None:
    assert identify(ACCESS, orjson.loads(text), text.encode()) == NOBODY


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_the_name_is_kept_as_it_was_sent(user: str) -> None:
    record = {"RequestHeaders": {"cf-access-user": user}}

    assert identify(HTTP, record, orjson.dumps(record)) == Identity(user, "request_header")


@pytest.mark.parametrize(
    ("pairs", "user"),
    [
        ('{"CF-Access-User":"a"}', "a"),
        ('{"CF-ACCESS-USER":"a","Cf-Access-User":"b"}', "a"),
        ('{"CF-Access-User":"a","cf-access-user":"b"}', "b"),
        ('{"CF-Access-User":"a","cf-access-user":""}', None),
        ('{"cf_access_user":"a","cf-access-user ":"b"}', None),
        ('{"cf-acce\N{LATIN SMALL LETTER LONG S}s-user":"a"}', None),
    ],
)
def test_a_header_is_found_in_any_case_and_the_exact_spelling_wins(
    pairs: str, user: str | None
) -> None:
    assert header(pairs) == user


def test_another_alphabets_letter_is_not_our_key() -> None:
    """KELVIN SIGN lowers to `k`, so only ASCII may be compared that way."""
    rule = IdentityRule(source="cookie", field="Cookies", key="key")
    record = {"Cookies": {"\N{KELVIN SIGN}ey": "a"}}

    assert identify([rule], record, orjson.dumps(record)) == NOBODY


@pytest.mark.parametrize(
    ("value", "user"),
    [
        ("42", "42"),
        ("1.50", "1.50"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("true", None),
        ("{}", None),
        ("[]", None),
        ('["a"]', "a"),
        ('[null, "", "a", {}, false]', "a"),
        ("[ 1.0 ]", "1.0"),
        ('["a","a"]', None),
        ('["a",1]', None),
        ('[["a"]]', None),
        ('[""]', None),
    ],
)
def test_a_number_is_its_own_text_and_a_list_must_hold_one_name(
    value: str, user: str | None
) -> None:
    assert header(f'{{"other":"x","cf-access-user":{value}}}') == user


def test_of_equal_headers_the_last_counts_as_it_does_to_parsers() -> None:
    assert header(r'{"cf-access-user":1,"cf-access-user":3,"cf-access-us\u0065r":2.0}') == "2.0"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 2**64 - 1) | st.floats(0, 1) | st.text("ab"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["cf-access-user", "CF-Access-User"]), inner)
    ),
)


@given(st.dictionaries(st.sampled_from(["RequestHeaders", "Cookies", "Email"]), VALUES))
def test_any_record_names_somebody_with_a_source_or_nobody(record: dict[str, Any]) -> None:
    identity = identify((*HTTP, *ACCESS), record, orjson.dumps(record))

    assert bool(identity.user_id) == (identity.user_source is not None)
