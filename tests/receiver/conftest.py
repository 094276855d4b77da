"""One real service for the tests of the edge that leave it as they found it."""

from collections.abc import Iterator

import pytest

from tests.service import Service, running


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    data = tmp_path_factory.mktemp("service") / "data"
    settings = {"RAYTRAIL_BODY_BYTES_MAX": "1000000", "RAYTRAIL_REQUEST_SECONDS_MAX": "2"}
    with running(data, RAYTRAIL_TOKEN_HEADER="X-Raytrail", **settings) as started:
        yield started
