"""What a process of the service asks of Linux, seen in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from raytrail.service import resources

AUTOGROUP = Path("/proc/self/autogroup")


def said(program: str) -> list[str]:
    """What a process of another session prints after it ran this."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import os, sys\nfrom raytrail.service import resources\n{program}",
        ],
        check=True,
        capture_output=True,
        text=True,
        start_new_session=True,
    )
    return done.stdout.split()


def test_short_slices_change_neither_policy_nor_niceness() -> None:
    policy, niceness = said(
        "os.nice(3); resources.ask_for_short_slices();"
        "print(os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, 0))"
    )

    assert (int(policy), int(niceness)) == (os.SCHED_OTHER, os.nice(0) + 3)


def test_short_slices_are_asked_for_by_a_process_that_may_do_nothing_special() -> None:
    """An older Linux takes the call and does nothing; another machine does not have it."""
    is_known = os.uname().machine in {"x86_64", "aarch64", "riscv64"}

    assert said("print(resources.ask_for_short_slices())") == [str(is_known)]


def test_a_process_with_another_policy_keeps_it() -> None:
    kept = said(
        "os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0));"
        "print(resources.ask_for_short_slices(), os.sched_getscheduler(0))"
    )

    assert kept == ["False", str(os.SCHED_BATCH)]


def test_the_niceness_of_a_process_is_that_of_its_session_too() -> None:
    nice, *session = said(
        f"resources.be_nice(); print(os.nice(0)); print(*open({str(AUTOGROUP)!r}))"
        if AUTOGROUP.exists()
        else "resources.be_nice(); print(os.nice(0))"
    )

    assert int(nice) == os.nice(0) + resources.NICENESS
    assert session[1:] in ([], ["nice", str(resources.NICENESS)])


def test_threads_take_turns_at_the_interpreter_more_often() -> None:
    assert said("resources.switch_often(); print(sys.getswitchinterval())") == [
        str(resources.SWITCH_SECONDS)
    ]
