"""What DuckDB shells do to `audit.duckdb` and to each other, with real ones."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import update

from raytrail.commands.questions.shell import duckdb_program
from store.catalog import removals
from store.catalog.tables import removals as table
from store.erasure.erasure import Erasure, ErasureResult
from store.erasure.identifier import Identifier
from store.files import durable
from store.fsck import check as fsck
from store.fsck.finding import Kind
from store.reading import views
from store.reading.shell import file_writing
from store.reading.shell.options import GRACE_MIN, ShellOptions
from store.store import Store
from store.timestamps import to_text
from tests.factories import SHELL, Clock, compact, gzipped, ndjson, record, send
from tests.injected import Injected

OLDEST = Path(__file__).parents[2] / ".venv" / "oldest" / "bin" / "duckdb"
CHANGE = "CREATE OR REPLACE VIEW http_requests AS SELECT 'forged' AS RayID, 'srhea' AS user_id"

# Answers each line that it reads with a line.
SHELL_PROGRAM = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
for line in sys.stdin:
    try:
        print(connection.execute(line).fetchall(), flush=True)
    except duckdb.Error as error:
        print(type(error).__name__, flush=True)
"""


@dataclass(frozen=True, slots=True)
class WritingShell:
    """A shell of somebody who may write `audit.duckdb`, as root may."""

    process: "subprocess.Popen[str]"

    def say(self, statement: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(statement, file=self.process.stdin, flush=True)
        return self.process.stdout.readline().strip()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextmanager
def writing_shell(store: Store) -> Iterator[WritingShell]:
    store.layout.audit.chmod(0o644)
    command = [sys.executable, "-c", SHELL_PROGRAM, str(store.layout.audit)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "open"
        try:
            yield WritingShell(process)
        finally:
            process.kill()


def receive(store: Store, ray: str) -> None:
    """Load one more batch and publish it."""
    send(store, gzipped(ndjson(record(RayID=ray))))
    while store.loader().load_next():
        pass
    store.publish(SHELL)


def published_by_an_earlier_version(store: Store) -> None:
    """Those made no read-only file, in an older format, and left the name of its log free."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file_writing, "STORAGE_VERSION", "v1.0.0")
        store.publish(SHELL)
    store.layout.audit_log.unlink()


def duckdb_of(program: str) -> str:
    if program == "oldest" and not OLDEST.exists():
        pytest.skip("NO OLD DUCKDB: `make test-faults` installs it; 1.4 was not tried")
    return str(OLDEST) if program == "oldest" else duckdb_program()


def asked(store: Store, question: str = "SELECT RayID FROM http_requests ORDER BY RayID") -> str:
    """The answer of every DuckDB that there is here: the oldest, the shipped one, and our own."""
    audit = str(store.layout.audit)
    found = set[str]()
    for program in [duckdb_program(), *([str(OLDEST)] if OLDEST.exists() else [])]:
        command = [program, "-readonly", "-csv", "-noheader", audit, "-c", question]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        found.add(" ".join(done.stdout.split()))
    with duckdb.connect(audit, read_only=True) as connection:
        found.add(" ".join(str(row[0]) for row in connection.execute(question).fetchall()))
    [answer] = found
    return answer


def test_v1_a_shell_that_dies_changes_no_later_answer(store: Store, injected: Injected) -> None:
    receive(store, "1")
    with writing_shell(store) as shell:
        said = shell.say(CHANGE)
        shell.kill()
    before = asked(store)

    receive(store, "2")

    injected(1)
    assert said == "TransactionException", "nothing can be written"
    assert before == "1"
    assert asked(store) == "1 2"
    assert views.stray_logs(store.layout) == []


def test_v2_a_shell_that_stays_open_changes_no_later_answer(
    store: Store, injected: Injected
) -> None:
    receive(store, "1")
    with writing_shell(store) as shell:
        receive(store, "2")
        said = [
            shell.say(CHANGE),
            shell.say("CHECKPOINT"),
            shell.say("SELECT RayID FROM http_requests"),
        ]
        during = asked(store)
        receive(store, "3")
        shell.kill()

    injected(1)
    assert said[0] == "TransactionException"
    assert said[2] == "[('1',)]", "it keeps the snapshot that it opened"
    assert during == "1 2"
    assert asked(store) == "1 2 3"


def test_v3_a_log_that_an_earlier_version_let_a_shell_open_is_gone_with_the_next_file(
    store: Store, injected: Injected
) -> None:
    receive(store, "1")
    published_by_an_earlier_version(store)
    with writing_shell(store) as shell:
        shell.say(CHANGE)
        assert views.stray_logs(store.layout) == [store.layout.audit_log]
        receive(store, "2")
        shell.say("CREATE VIEW late AS SELECT 1")
        during = asked(store)
        shell.kill()

    injected(1)
    assert during == asked(store) == "1 2"
    assert views.stray_logs(store.layout) == []


def test_v3_a_log_of_another_database_is_refused_where_its_name_could_not_be_taken(
    store: Store, injected: Injected
) -> None:
    """As beside a link in another folder: DuckDB 1.4 looks for the log where the link is."""
    receive(store, "1")
    store.layout.audit_log.unlink()
    with writing_shell(store) as shell:
        shell.say(CHANGE)
        log = store.layout.audit_log.read_bytes()
        receive(store, "2")
        shell.kill()
    store.layout.audit_log.unlink()
    store.layout.audit_log.write_bytes(log)

    injected(1)
    with pytest.raises(duckdb.IOException, match=r"WAL .*does not match the database file"):
        duckdb.connect(str(store.layout.audit), read_only=True)


def test_v3_a_stray_log_is_found_and_removed_by_fsck(store: Store, injected: Injected) -> None:
    receive(store, "1")
    published_by_an_earlier_version(store)
    with writing_shell(store) as shell:
        shell.say(CHANGE)
        shell.kill()

    injected(1)
    found = {each.kind: each.path for each in fsck.check(store, lambda: None, SHELL).left}
    done = fsck.check(store, lambda: None, SHELL, is_repairing=True)

    assert found.pop(Kind.STRAY_WAL) == "audit.duckdb.wal"
    assert set(found) <= {Kind.VIEWS_DIFFER}, "the log may change what a view says"
    assert done.left == ()
    assert durable.is_occupied(store.layout.audit_log)
    assert asked(store) == "1"


def test_v3_an_erasure_removes_a_stray_log(store: Store, injected: Injected) -> None:
    receive(store, "1")
    store.layout.audit_log.unlink()
    (store.layout.root / "audit.duckdb.wal.recovery").write_bytes(b"srhea")
    store.layout.audit_log.write_bytes(b"rows of srhea")

    Erasure(
        store=store,
        identifier=Identifier.of("srhea"),
        reason="asked to",
        salt=b"s" * 32,
        is_confirmed=lambda _: True,
    ).run()

    injected(1)
    assert views.stray_logs(store.layout) == []


def test_the_published_file_is_read_only(store: Store) -> None:
    receive(store, "1")

    assert store.layout.audit.stat().st_mode & 0o777 == 0o444


def test_a_file_system_without_symbolic_links_has_its_log_removed(
    store: Store, monkeypatch: pytest.MonkeyPatch, injected: Injected
) -> None:
    receive(store, "1")
    store.layout.audit_log.unlink()
    store.layout.audit_log.write_bytes(b"left")

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(vars(durable)["os"], "symlink", refuse)
    receive(store, "2")

    injected(1)
    assert not store.layout.audit_log.exists()
    assert asked(store) == "1 2"


QUESTIONS = (
    "SELECT count(*) FROM http_requests",
    "SELECT count(*) FROM http_requests WHERE user_id = 'srhea' AND date = '2026-11-20'",
    "SELECT count(*) FROM http_requests WHERE date = '1999-01-01'",
    "SELECT max(event_time)::VARCHAR FROM http_requests",
    "SELECT count(*) FROM access_requests",
    "SELECT count(*) FROM trail('srhea')",
    "SELECT count(*) FROM people()",
)


@pytest.mark.parametrize("how", ["copied", "moved", "copied with its folder"])
def test_v4_a_file_elsewhere_refuses_every_question(
    store: Store, tmp_path: Path, how: str, injected: Injected
) -> None:
    receive(store, "1")
    audit = tmp_path / "audit.duckdb"
    if how == "copied with its folder":
        audit = shutil.copytree(store.layout.root, tmp_path / "copy", symlinks=True) / audit.name
    elif how == "copied":
        shutil.copy(store.layout.audit, audit)
    else:
        store.layout.audit.rename(audit)

    with duckdb.connect(str(audit), read_only=True) as connection:
        for question in QUESTIONS:
            with pytest.raises(duckdb.InvalidInputException, match="RAYTRAIL_SHELL_ROOT"):
                connection.execute(question).fetchall()
        place = connection.execute("SELECT published_as FROM snapshot").fetchall()
    command = [duckdb_program(), "-readonly", str(audit), "-c", QUESTIONS[0]]
    shipped = subprocess.run(command, capture_output=True, text=True, check=False)

    injected(len(QUESTIONS))
    assert place == [(str(store.layout.audit),)]
    assert shipped.returncode
    assert str(store.layout.audit) in shipped.stderr


def test_a_link_to_the_file_and_a_relative_path_are_no_copies(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive(store, "1")
    (tmp_path / "link.duckdb").symlink_to(store.layout.audit)
    monkeypatch.chdir(store.layout.root)

    for path in ("audit.duckdb", "../link.duckdb", "./../data/audit.duckdb"):
        with duckdb.connect(path, read_only=True) as connection:
            assert connection.execute("SELECT RayID FROM http_requests").fetchall() == [("1",)]


def test_a_program_may_attach_the_file(store: Store) -> None:
    receive(store, "1")

    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{store.layout.audit}' AS held (READ_ONLY)")
        assert connection.execute("SELECT RayID FROM held.http_requests").fetchall() == [("1",)]


@pytest.mark.parametrize("program", ["oldest", "shipped"])
def test_macros_of_an_attached_file_are_called_once_it_is_used(store: Store, program: str) -> None:
    receive(store, "1")
    statements = f"""
        ATTACH '{store.layout.audit}' AS held (READ_ONLY);
        CREATE TABLE wanted AS SELECT 'srhea' AS who;
        USE held;
        SELECT count(*), any_value(path) FROM trail('srhea') JOIN memory.wanted ON user_id = who;
        SELECT count(*) FROM requests JOIN memory.wanted ON user_id = who;
    """

    command = [duckdb_of(program), "-csv", "-noheader", "-c", statements]
    found = subprocess.run(command, capture_output=True, text=True, check=True)

    assert found.stdout.split() == ["1,/browse/EXP-1", "1"]


@pytest.mark.parametrize("program", ["oldest", "shipped"])
def test_an_open_shell_sees_new_rows_once_it_opens_the_file_again(
    store: Store, program: str
) -> None:
    receive(store, "1")
    audit, question = str(store.layout.audit), "SELECT count(*) FROM trail('srhea');"
    command = [duckdb_of(program), "-readonly", "-csv", "-noheader", audit]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        shell = WritingShell(process)
        before = shell.say(question)
        receive(store, "2")
        since = shell.say(question)
        after = shell.say(f".open --readonly '{audit}'\n{question}")
        shell.kill()

    assert (before, since, after) == ("1", "1", "2")


def test_v4_a_copied_folder_answers_for_itself_once_it_has_published(
    store: Store, tmp_path: Path, injected: Injected
) -> None:
    receive(store, "1")
    folder = shutil.copytree(store.layout.root, tmp_path / "copy", symlinks=True)
    with Store.open(folder, store.clock) as copy:
        [found] = fsck.check(copy, lambda: None, SHELL).left
        copy.publish(SHELL)
        receive(store, "2")

        injected(1)
        assert found.kind is Kind.AUDIT_OUTDATED
        assert str(store.layout.audit) in found.means
        assert asked(copy) == "1"
        assert asked(store) == "1 2"


@contextmanager
def reading_shell(store: Store) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(store.layout.audit), read_only=True) as connection:
        yield connection


def rays_of(connection: duckdb.DuckDBPyConnection) -> list[tuple[str]]:
    return connection.execute("SELECT RayID FROM http_requests ORDER BY RayID").fetchall()


def merged(store: Store, hours: float) -> None:
    """Time passes, files are merged, and a new `audit.duckdb` is published."""
    assert isinstance(store.clock, Clock)
    store.clock.move(hours=hours)
    compact(store)
    store.publish(SHELL)


def parts(store: Store) -> list[Path]:
    return sorted(store.layout.parts.rglob("*.parquet"))


def tidied_after(store: Store, **time: float) -> list[Path]:
    assert isinstance(store.clock, Clock)
    store.clock.move(**time)
    while removals.remove_due(store.layout, store.catalog, store.clock()):
        pass
    return parts(store)


def test_v5_an_open_shell_answers_for_its_snapshot_until_its_grace_is_over(
    store: Store, injected: Injected
) -> None:
    receive(store, "1")
    receive(store, "2")
    old = parts(store)
    with reading_shell(store) as shell:
        merged(store, hours=60)
        kept = tidied_after(store, hours=23.9)
        answer = rays_of(shell)
        left = tidied_after(store, hours=0.2)

    injected(1)
    assert len(old) == 2
    assert set(old) < set(kept)
    assert answer == [("1",), ("2",)]
    assert len(left) == 1
    assert asked(store) == "1 2"


def test_v5_the_grace_begins_when_no_new_shell_can_read_a_file(
    store: Store, injected: Injected
) -> None:
    """A loader that publishes late: until then, shells open the older file."""
    receive(store, "1")
    receive(store, "2")
    old = parts(store)
    assert isinstance(store.clock, Clock)
    store.clock.move(hours=60)
    compact(store)

    before = tidied_after(store, days=7)
    with reading_shell(store) as shell:
        store.publish(SHELL)
        tidied_after(store, hours=23.9)
        answer = rays_of(shell)

    injected(1)
    assert set(old) < set(before)
    assert answer == [("1",), ("2",)]
    assert len(tidied_after(store, hours=0.2)) == 1


def test_v5_the_grace_is_a_setting(store: Store) -> None:
    short = replace(store, shell=ShellOptions(grace=GRACE_MIN))
    receive(short, "1")
    receive(short, "2")
    merged(short, hours=60)

    assert len(tidied_after(short, hours=0.9)) == 3
    assert len(tidied_after(short, hours=0.2)) == 1


def test_v5_an_erasure_does_not_wait_for_shells(store: Store, injected: Injected) -> None:
    receive(store, "1")
    merged(store, hours=60)
    receive(store, "2")
    with reading_shell(store) as shell:
        merged(store, hours=60)
        erased = Erasure(
            store=store,
            identifier=Identifier.of("srhea"),
            reason="asked to",
            salt=b"s" * 32,
            is_confirmed=lambda _: True,
        ).run()

        injected(1)
        assert isinstance(erased, ErasureResult)
        assert parts(store) == []
        with pytest.raises(duckdb.IOException):
            rays_of(shell)


def test_v5_files_are_not_kept_for_shells_on_a_nearly_full_disk(
    store: Store, injected: Injected
) -> None:
    """Receiving comes first. Questions of this program have had their hour."""
    receive(store, "1")
    receive(store, "2")
    assert isinstance(store.clock, Clock)
    store.clock.move(hours=60)
    compact(store)

    early = removals.remove_early(store.layout, store.catalog, store.clock())
    store.clock.move(hours=1)
    late = removals.remove_early(store.layout, store.catalog, store.clock())
    store.publish(SHELL)

    injected(1)
    assert (early, late) == (0, 2)
    assert len(parts(store)) == 1
    assert asked(store) == "1 2"


def test_v5_a_store_of_the_last_version_removes_what_it_retired_as_before(store: Store) -> None:
    """Its removals have no entry up to which the files are shown."""
    receive(store, "1")
    receive(store, "2")
    merged(store, hours=60)
    with store.catalog.write() as connection:
        hour = to_text(store.clock() + timedelta(hours=1))
        connection.execute(update(table).values(due_at=hour, shown_until=None))

    assert len(tidied_after(store, hours=1)) == 1


def test_a_snapshot_says_what_it_shows_and_how_old_it_is(store: Store) -> None:
    receive(store, "1")
    question = (
        "SELECT sequence || ' ' || taken_at::TIMESTAMP || ' ' || (age IS NOT NULL) FROM snapshot"
    )

    assert asked(store, question) == "2 2026-11-22 10:00:00 true"
    with duckdb.connect(str(store.layout.audit), read_only=True) as connection:
        names = {name for (name,) in connection.execute("SHOW TABLES").fetchall()}
    assert "snapshot" in names


def test_analysts_may_see_the_folder_under_another_path(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a container's volume: the service has it as /data, the host somewhere else."""
    receive(store, "1")
    there = tmp_path / "it's theirs"
    views.publish(store.layout, store.snapshot(), SHELL, there)

    question = "SELECT RayID, published_as FROM http_requests, snapshot"
    answers = dict[Path, list[tuple[str, str]]]()
    for path in (store.layout.audit, there / "audit.duckdb"):
        if not path.exists():
            store.layout.root.rename(there)
        with duckdb.connect(str(path), read_only=True) as connection:
            answers[path] = connection.execute(question).fetchall()
    (there.parent / "copy").mkdir()
    copied = shutil.copy(there / "audit.duckdb", there.parent / "copy")

    assert answers == {path: [("1", str(path))] for path in answers}
    with (
        duckdb.connect(copied, read_only=True) as connection,
        pytest.raises(duckdb.InvalidInputException, match="RAYTRAIL_SHELL_ROOT"),
    ):
        connection.execute(question)


@pytest.mark.parametrize("spills", ["audit.duckdb.tmp", ".spills/shell"])
@pytest.mark.parametrize("program", [None, OLDEST])
def test_every_shell_finds_the_folder_in_which_it_opened_the_file(
    store: Store, tmp_path: Path, program: Path | None, spills: str
) -> None:
    """One that opens it as the service does, and not as analysts see it."""
    if program is not None and not program.exists():
        pytest.skip("NO OLD DUCKDB: `make test-faults` installs it; 1.4 was not tried")
    receive(store, "1")
    views.publish(store.layout, store.snapshot(), SHELL, tmp_path / "theirs")
    question = (
        f"SET temp_directory = '{store.layout.root / spills}';"
        " SELECT RayID || ' ' || published_as FROM http_requests, snapshot;"
    )
    command = [str(program or duckdb_program()), "-readonly", "-csv", "-noheader"]

    ended = subprocess.run(
        [*command, str(store.layout.audit), "-c", question],
        capture_output=True,
        text=True,
        check=True,
    )

    assert ended.stdout.strip() == f"1 {store.layout.audit}"
