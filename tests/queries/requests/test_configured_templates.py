"""Lines of RAYTRAIL_PATH_TEMPLATES decide the template of a path before the built-in rules."""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.engine import Engine, open_engine
from queries.errors import QueryFailed
from queries.path_templates import EVERY_HOST, Rules, TemplateRule, expression, literal
from raytrail.setting_files.path_templates import CHARACTERS_MAX, RULES_MAX
from store.reading.snapshot import Snapshot

WIKI = "wiki.example.com"
RULES = (
    TemplateRule(WIKI, "/display/{space}/{title}"),
    TemplateRule(EVERY_HOST, "/display/{anything...}"),
    TemplateRule(WIKI, "/display/news/{title}"),
    TemplateRule(WIKI, "/tags/{tag}"),
    TemplateRule(WIKI, "/tags/{tags...}"),
    TemplateRule(WIKI, "/v2.0/users/me"),
    TemplateRule("o'brien.example", "/it's/{one}"),
)
TOLD = {
    (WIKI, "/display/HR/Salaries"): "/display/{space}/{title}",
    (WIKI, "/display/news/Welcome"): "/display/{space}/{title}",
    (WIKI, "/display/news/Welcome/1"): "/display/{anything...}",
    ("jira.example.com", "/display/HR/Salaries"): "/display/{anything...}",
    (WIKI, "/display/"): "/display/",
    (WIKI, "/display//Salaries"): "/display/{anything...}",
    (WIKI, "/tags/blue"): "/tags/{tag}",
    (WIKI, "/tags/blue/12"): "/tags/{tags...}",
    (WIKI, "/tags/{tags...}"): "/tags/{tags...}",
    (WIKI, "/tags/{tag}"): "/tags/{tag}",
    (WIKI, "/tags/two\nlines/12"): "/tags/{tags...}",
    (WIKI, "/v2.0/users/me"): "/v2.0/users/me",
    (WIKI, "/v2x0/users/12"): "/v2x0/users/{number}",
    (WIKI, "/pages/tags/blue"): "/pages/tags/blue",
    (WIKI, "/browse/EXP-12"): "/browse/{key}",
    ("o'brien.example", "/it's/'); drop table x; --"): "/it's/{one}",
    (None, "/display/1"): "/display/{anything...}",
    (None, "/browse/EXP-12"): "/browse/{key}",
    (WIKI, None): None,
}

segments = st.one_of(
    st.sampled_from(
        ["", "a", "b", "{x}", "{y...}", "{x...}", "a@b.c", "a@b...}", "12", "'", "\\", "."]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\0/"), max_size=5),
)
paths = st.lists(segments, min_size=1, max_size=4).map(lambda found: "/" + "/".join(found))
hosts = st.sampled_from([EVERY_HOST, WIKI, "'", "' then 1 --"])
# Any text of a host and a template, also one that the file's reader refuses.
rules = st.lists(st.builds(TemplateRule, hosts, paths), min_size=1, max_size=5).map(tuple)
sane = st.lists(
    st.builds(
        lambda host, before, last: TemplateRule(host, "/" + "/".join((*before, last))),
        hosts,
        st.lists(st.sampled_from(["a", "b", "{x}", "{y}", "'"]), max_size=2),
        st.sampled_from(["", "a", "b", "{z}", "{y...}", "{x...}"]),
    ),
    min_size=1,
    max_size=5,
).map(tuple)


@pytest.fixture(scope="module")
def asked(snapshot: Callable[..., Snapshot]) -> Any:
    with open_engine(snapshot()) as opened:
        yield opened


def templates(
    engine: Engine, found: Sequence[tuple[str | None, str | None]], given_rules: Rules | None = None
) -> list[str | None]:
    """The templates of hosts and paths, by the engine's macro or by rules compiled here."""
    made = "host_path_template(host_key, path)"
    if given_rules is not None:
        made = f"coalesce({expression(given_rules)}, path_template(path))"
    question = (
        f"select {made} from "
        "(select unnest($hosts::varchar[]) as host_key, unnest($paths::varchar[]) as path)"
    )
    values = {"hosts": [host for host, _ in found], "paths": [path for _, path in found]}
    return [template for (template,) in engine.run(question, values, QueryFailed).rows]


def test_the_first_line_of_the_host_decides_then_those_of_every_host(
    snapshot: Callable[..., Snapshot],
) -> None:
    with open_engine(snapshot(), rules=RULES) as engine:
        found = templates(engine, list(TOLD))

    assert dict(zip(TOLD, found, strict=True)) == TOLD


@given(st.lists(paths, min_size=1, max_size=20))
def test_without_lines_every_path_has_its_built_in_template(
    asked: Engine, found: list[str]
) -> None:
    question = "select path_template(path) from unnest($paths::varchar[]) as paths(path)"
    built_in = [row for (row,) in asked.run(question, {"paths": found}, QueryFailed).rows]

    assert templates(asked, [(WIKI, path) for path in found]) == built_in
    assert templates(asked, [(WIKI, path) for path in found], ()) == built_in
    elsewhere = (TemplateRule("other.example", "/{all...}"),)
    assert templates(asked, [(WIKI, path) for path in found], elsewhere) == built_in


@given(sane, st.lists(paths, min_size=1, max_size=20))
def test_the_template_of_a_template_is_itself(
    asked: Engine, given_rules: Rules, found: list[str]
) -> None:
    first = templates(asked, [(WIKI, path) for path in found], given_rules)

    assert templates(asked, [(WIKI, path) for path in first], given_rules) == first


@given(rules, st.lists(paths, min_size=1, max_size=5))
def test_any_text_of_a_line_is_compared_and_never_run(
    asked: Engine, given_rules: Rules, found: list[str]
) -> None:
    known = {rule.template for rule in given_rules}

    for path, template in zip(
        found,
        templates(asked, [(WIKI, path) for path in found], given_rules),
        strict=True,
    ):
        [built_in] = templates(asked, [(WIKI, path)], ())
        assert template in known | {built_in}


@given(paths)
def test_a_line_without_placeholders_fits_its_own_path_only(asked: Engine, path: str) -> None:
    plain = path.replace("{", "").replace("}", "")

    found = templates(asked, [(None, plain), (None, plain + "x")], (TemplateRule("*", plain),))

    assert found[0] == plain
    assert found[1:] == templates(asked, [(None, plain + "x")], ())


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_a_literal_is_the_text_itself(text: str) -> None:
    with duckdb.connect(":memory:") as connection:
        rows = connection.execute(f"select {literal(text)}, 7").fetchall()

    assert rows == [(text, 7)]


def test_a_literal_with_nul_is_refused() -> None:
    with pytest.raises(ValueError, match="NUL"):
        literal("'\0")


def test_as_many_and_as_long_lines_as_the_file_may_have_are_compiled(
    snapshot: Callable[..., Snapshot],
) -> None:
    numbers = count()
    many = tuple(TemplateRule(f"h{n}", f"/{n}/{{a}}") for n in range(RULES_MAX - 1))
    long = TemplateRule("long", "/{a}" * (CHARACTERS_MAX // 4))
    path = "".join(f"/{next(numbers)}" for _ in range(CHARACTERS_MAX // 4))

    with open_engine(snapshot(), rules=(*many, long)) as engine:
        found = templates(engine, [("long", path), ("h7", "/7/x"), ("h7", "/8/x")])

    assert found == [long.template, "/7/{a}", "/{number}/x"]


def test_requests_have_the_template_of_their_host(snapshot: Callable[..., Snapshot]) -> None:
    request = {
        "ClientRequestHost": "WIKI.example.com:8443",
        "ClientRequestPath": "/display/HR/Salaries",
        "EdgeStartTimestamp": "2026-11-20T09:00:00Z",
    }

    with open_engine(snapshot([request]), rules=RULES) as engine:
        rows = list(engine.run("select path_template from requests", {}, QueryFailed).rows)

    assert rows == [("/display/{space}/{title}",)]
