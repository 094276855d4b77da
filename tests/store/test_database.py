"""The URL of a catalog is read once, and no text of it shows what may be a secret."""

import pytest

from store.database import Database

SECRET = "geheim"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://db.example/audit", "audit at db.example"),
        (f"postgres://u:{SECRET}@db.example:5433/audit", "audit at db.example:5433"),
        (f"postgresql://u:{SECRET}%40%2F@[::1]:5432/audit?sslmode=require", "audit at [::1]:5432"),
        (f"postgresql://u:{SECRET}@one:5432,two:5433/audit", "audit at one:5432,two:5433"),
        (f"postgresql:///audit?host=/run/postgresql&password={SECRET}", "audit at /run/postgresql"),
        (f"postgresql://h?dbname=audit&password={SECRET}", "audit at h"),
        (f"postgresql:///audit?password={SECRET}", "audit at this machine"),
    ],
)
def test_a_url_is_shown_as_database_and_host_alone(url: str, shown: str) -> None:
    found = Database.parse(f" {url} ")

    assert found.url == url
    assert str(found) == f"PostgreSQL database {shown}"
    assert SECRET not in str(found) + repr(found)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "catalog.sqlite",
        f"mysql://u:{SECRET}@h/audit",
        "postgresql://h",
        f"postgresql://u:{SECRET}@[h/audit",
        f"postgresql://u:p@{SECRET}@h/audit",
        f"postgresql://u:12/{SECRET}@h/audit",
        f"postgresql://u:12#{SECRET}@h/audit",
        f"postgresql://u:100%{SECRET}@h/audit",
        f"postgresql://u:%00{SECRET}@h/audit",
    ],
)
def test_a_url_that_could_be_misread_is_refused_without_being_told(url: str) -> None:
    with pytest.raises(ValueError, match="use a URL such as") as refused:
        Database.parse(url)

    assert SECRET not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
