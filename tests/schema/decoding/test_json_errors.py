"""The reason of a rejected line does not blame memory for what the line is."""

import orjson

from schema.decoding.json_errors import reason_of

NO_MEMORY = orjson.JSONDecodeError("failed to allocate memory", "", 0)


def test_a_line_that_parses_at_the_second_try_gets_no_reason_about_its_content() -> None:
    assert reason_of(NO_MEMORY, b'{"RayID":"a"}') == "not JSON: it cannot be parsed"


def test_a_line_that_fails_at_the_second_try_too_gets_the_reason_of_that_try() -> None:
    assert reason_of(NO_MEMORY, b'{"RayID":') == "not JSON: unexpected end of data"
