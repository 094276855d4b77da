"""The SQL files of this room. Each holds one statement: a question, a view or a macro."""

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib import resources

from queries.definition_comments import comments, help_rows
from queries.path_templates import Rules, expression, literal

# The views and macros that questions share. A later one may use an earlier one.
SHARED = (
    "periods/in_utc",
    "periods/utc_moment",
    "periods/instant_of",
    "periods/is_within",
    "host_name",
    "inference/folded_name",
    "inference/address_block",
    "access/access_rules_of",
    "access/identity_of",
    "applications/settings_host",
    "requests/is_stopped",
    "requests/is_let_through",
    "kinds/large_answer",
    "kinds/is_delivered",
    "kinds/is_edge_script",
    "kinds/is_tool",
    "kinds/content_of",
    "kinds/ending_of",
    "kinds/is_api_path",
    "kinds/is_page_view",
    "kinds/is_file",
    "kinds/request_kind",
    "kinds/request_navigation",
    "templates/word_template",
    "templates/path_template",
    "templates/configured_template",
    "templates/host_path_template",
    "requests/folding_key",
    "folding/fold_reach",
    "folding/fold_pause",
    "folding/prefetch_life",
    "folding/referer_url",
    "folding/url_host",
    "folding/is_own_page",
    "requests/http_requests_where",
    "requests/unfolded_requests_where",
    "logins/login_event",
    "applications/logins_apart",
    "applications/application_spells",
    "folding/ray_requests",
    "folding/resends_of",
    "folding/folds_of",
    "logins/logged_logins",
    "logins/logins_where",
    "logins/logins_under",
    "sessions/session_gap",
    "sessions/session_bucket",
    "sessions/device_of",
    "people/spelling_of",
    "people/name_pair_digest",
    "sessions/session_logins_where",
    "sessions/everybodys_logins_where",
    "sessions/session_spans_where",
    "sessions/session_slices_where",
    "sessions/session_at",
    "requests/placed_requests_where",
    "sessions/requests_in_sessions_where",
    "requests/requests_where",
    "requests/requests_under",
    "logins/logins",
    "sessions/sessions_where",
    "sessions/sessions_under",
    "inference/login_places",
    "inference/protected_visits",
)

# What tells analysts whether names on requests can be trusted; made before what asks for it.
GRADING = (
    "applications/default_session",
    "applications/place_text",
    "applications/place_host",
    "applications/place_path",
    "applications/like_text",
    "applications/path_patterns",
    "applications/dots_in",
    "applications/applications_under",
    "access/access_places",
    "access/rules_in_force",
    "access/fits_host",
    "access/rules_fitting",
    "access/access_known",
    "access/rules_known",
    "access/graded_requests_where",
)

# What the views for analysts are made of, and our questions do not ask: DuckDB makes no macro that
# reads a dataset without a view.
UNDER_ANALYSTS = (
    "people/names_among",
    "rays/ray_key",
    "rays/is_ray",
    "rays/ray_records",
    "visitors/visited_place",
    "visitors/visited_host",
    "visitors/visited_path",
    "visitors/visitors_at",
    "comparison/compared_until",
    "comparison/compared_since",
    "sessions/session_rows_where",
    "requests/requests_with_id",
)

# Views for an analyst's own statements. DuckDB binds each whole when it is made, which takes 40 ms,
# and our questions ask the macros under them.
FOR_ANALYSTS = (
    "applications/applications",
    "completeness/coverage",
    "completeness/batches",
    "requests/requests",
    "requests/page_views",
    "requests/downloads",
    "requests/changes",
    "rays/ray",
    "rays/explain",
    "visitors/visitors",
    "people/names_of",
    "people/first_seen",
    "people/people",
    "people/user_days",
    "requests/trail",
    "logins/logins_of",
    "sessions/sessions",
    "sessions/sessions_of",
    "sessions/session",
    "comparison/compare",
    "help",
)

# Views that can be asked as macros too; explained as views.
AS_MACROS = ("people/people_macro",)

# Made by queries/findings, which puts the rules into it.
FINDINGS = ("findings/findings",)

# What is explained to analysts: each has a COMMENT, and a row in help().
PUBLIC = ("logins/logins", *FOR_ANALYSTS, *FINDINGS)

# The macro that the path templates of the settings are compiled into, and their place in it.
CONFIGURED = "templates/configured_template"
NO_RULES = "(null::varchar)"

# What macros have where analysts ask, in the place of what our questions have: a grade for each name,
# for which our questions bring the rules that they judge by, a session for each request, and the
# other names of everybody.
HAD_BY_ANALYSTS = {
    "requests/placed_requests_where": {
        "from unfolded_requests_where(": "from graded_requests_where(",
    },
    "requests/requests_where": {
        "null::varchar as identity": "identity",
        "null::varchar as session": "session_at(spans, event_time).id as session",
        "null::varchar as login": "session_at(spans, event_time).login as login",
        "from placed_requests_where(": "from requests_in_sessions_where(",
    },
    "sessions/session_spans_where": {
        "from session_logins_where(": "from everybodys_logins_where(",
    },
}

# The macro that shows the leading comments of the others, and their place in it.
HELP = "help"
NO_HELP = "'[]'"

# A process has one setting of path templates, and makes what our questions and analysts need.
SETTINGS_MAX = 4


@cache
def sql_of(name: str) -> str:
    """The text of `queries/sql/<name>.sql`."""
    return resources.files("queries").joinpath(f"sql/{name}.sql").read_text(encoding="utf-8")


def sql_over(relation: str, rows: str, question: str) -> str:
    """The text of a question about a relation, of which another file has the rows."""
    return f"with {relation} as (\n{sql_of(rows)})\n{sql_of(question)}"


@lru_cache(SETTINGS_MAX)
def shared_statements(rules: Rules = (), *, is_for_analyst: bool) -> tuple[str, ...]:
    """Each view and macro, with the path templates of the settings compiled into their macro."""
    return tuple(_shared_statements(rules, is_for_analyst=is_for_analyst))


def _shared_statements(rules: Rules, *, is_for_analyst: bool) -> Iterator[str]:
    for name in _for_analysts() if is_for_analyst else SHARED:
        text = sql_of(f"definitions/{name}")
        if is_for_analyst:
            for usual, other in HAD_BY_ANALYSTS.get(name, {}).items():
                text = text.replace(usual, other)
        if rules and name == CONFIGURED:
            text = text.replace(NO_RULES, f"({expression(rules)})")
        elif name == HELP:
            text = text.replace(NO_HELP, literal(help_rows(_public_texts())))
        yield text


def _for_analysts() -> Iterator[str]:
    place = SHARED.index("requests/placed_requests_where")
    yield from (*SHARED[:place], *GRADING, *SHARED[place:])
    yield from (*UNDER_ANALYSTS, *FOR_ANALYSTS, *AS_MACROS)


def configured_statements(rules: Rules) -> tuple[str, ...]:
    """What puts the path templates of the settings into an `audit.duckdb`."""
    if not rules:
        return ()
    text = sql_of(f"definitions/{CONFIGURED}").replace(NO_RULES, f"({expression(rules)})")
    return (text.replace("create macro", "create or replace macro"),)


def public_comments() -> tuple[str, ...]:
    """A COMMENT on each public view, column and macro; not made where nobody reads it, as it takes
    a third of a millisecond each.
    """
    return (*comments(_public_texts()), *comments(_texts(AS_MACROS)))


def _public_texts() -> list[str]:
    return _texts(PUBLIC)


def _texts(names: Iterable[str]) -> list[str]:
    return [sql_of(f"definitions/{name}") for name in names]


def shell_statements(findings: Iterable[str]) -> tuple[str, ...]:
    """What `store.reading.views` writes into `audit.duckdb` beside one view for each dataset.
    `findings` are the statements that make findings().

    DuckDB 1.4 must know every function that is called here, also those that its own parser replaces:
    it has no function `if`.
    """
    return (*shared_statements(is_for_analyst=True), *findings, *public_comments())
