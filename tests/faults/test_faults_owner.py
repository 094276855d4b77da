"""Root works in the data folder of another user."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.errors import LayoutRefused, StoreUnavailable
from store.files import durable
from store.files.layout import Layout
from tests.command import Command
from tests.faults import as_user
from tests.faults.lab import Lab

SOMEBODY = 65534

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="NOT ROOT: no command was run as root for another user"
)


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A store that a user who is not root has made and uses, where that user may go."""
    with tempfile.TemporaryDirectory(prefix="raytrail-faults-") as folder:
        Path(folder).chmod(0o755)
        root = Path(folder) / "data"
        root.mkdir()
        os.chown(root, SOMEBODY, SOMEBODY)
        assert act_as_somebody(root, 1) == 1
        yield root


@pytest.fixture
def data(lab: Lab, made: Path) -> Path:
    lab.folder.chmod(0o755)
    # With the owner of each file, which shutil does not copy.
    subprocess.run(["cp", "-a", made, lab.folder], check=True)
    root = lab.folder / made.name
    assert roots_files(root) == []
    return root


def act_as_somebody(root: Path, number: int) -> int:
    """Receive, load, merge and publish as the user of the folder; how many rows there are."""
    command = [sys.executable, "-m", "tests.faults.as_user", str(root)]
    scratch = root.parent / f"scratch-{number}"
    done = subprocess.run(
        [*command, str(scratch), str(SOMEBODY), str(number)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def roots_files(root: Path) -> list[str]:
    return [str(path) for path in (root, *root.rglob("*")) if is_roots(path)]


def is_roots(path: Path) -> bool:
    found = path.lstat()
    return not path.is_symlink() and (found.st_uid, found.st_gid) != (SOMEBODY, SOMEBODY)


def test_f6_what_root_does_in_the_folder_of_a_user_leaves_nothing_of_roots(
    data: Path, lab: Lab, raytrail: Command
) -> None:
    as_user.work(data, 2)
    for command in (
        ("hold", "add", "--user", "srhea", "--reason", "r"),
        ("compact",),
        ("fsck", "--repair"),
        ("replay",),
        ("retain",),
        ("load",),
    ):
        ended = raytrail(*command, "--data", data)
        assert ended.returncode in {0, 1}, f"{command}: {ended.stderr}"
    lab.injected(7)

    assert roots_files(data) == []
    assert act_as_somebody(data, 3) == 3


def test_f6_a_new_store_that_root_makes_belongs_to_the_owner_of_its_folder(lab: Lab) -> None:
    lab.folder.chmod(0o755)
    home = lab.folder / "home"
    home.mkdir()
    os.chown(home, SOMEBODY, SOMEBODY)

    as_user.work(home / "data", 1)

    lab.injected(1)
    assert roots_files(home) == []
    assert act_as_somebody(home / "data", 2) == 2


def test_f6_files_that_cannot_be_given_away_are_refused(lab: Lab, data: Path) -> None:
    """As on a network disk that does not know root."""

    def refused(*_: object) -> None:
        lab.injected(1)
        raise PermissionError(1, "Operation not permitted")

    shutil.rmtree(data / "raw")
    with lab.patch.context() as patch:
        patch.setattr("store.files.ownership.os.fchown", refused)
        with pytest.raises(LayoutRefused, match=r"belongs to .*: run this as"):
            Layout(data).make()
        with (
            pytest.raises(StoreUnavailable, match=r"belongs to .*: run this as"),
            durable.lock(data / ".loader.lock"),
        ):
            pytest.fail("the lock was made")
    left = {path for path in data.rglob("*") if is_roots(path)}
    assert left == set(), "nothing of root's may be left, for it would stop the service"


def test_f6_a_service_of_root_goes_on_where_it_cannot_give_files_away(lab: Lab) -> None:
    """As in a container without that right, whose data folder belongs to a user of its host."""
    root = lab.folder / "data"
    as_user.work(root, 1)
    os.chown(root, SOMEBODY, SOMEBODY)
    os.chown(root / "raw", SOMEBODY, SOMEBODY)

    def refused(*_: object) -> None:
        lab.injected(1)
        raise PermissionError(1, "Operation not permitted")

    with lab.patch.context() as patch:
        patch.setattr("store.files.ownership.os.fchown", refused)
        assert as_user.work(root, 2) == 2


def test_f6_a_file_of_roots_behind_a_link_is_given_to_nobody(lab: Lab, data: Path) -> None:
    """The owner of the folder could otherwise get any file of the machine."""
    roots = lab.folder / "roots"
    roots.write_bytes(b"secret")
    lock = data / ".loader.lock"
    for make in (lock.symlink_to, lock.hardlink_to):
        lock.unlink(missing_ok=True)
        make(roots)
        lab.injected(1)
        with pytest.raises(StoreUnavailable, match="is a link"), durable.lock(lock):
            pytest.fail("the lock was taken")
    assert roots.stat().st_uid == 0
