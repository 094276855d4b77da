"""Rounds: each asks every engine once, the first is dropped, what counts is the median."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.bodies import Body, Groups, alone
from bench.machine import Spinner
from bench.pool import Sample, Worker


class WrongAnswer(Exception):
    """Two engines read the same bodies and found different things: fast and wrong is no answer."""


@dataclass(frozen=True, slots=True)
class Timing:
    """What one engine took for `records`. Where somebody else used the machine, CPU time judges."""

    records: int
    samples: tuple[Sample, ...]
    is_disturbed: bool

    @property
    def seconds(self) -> float:
        return median(each.seconds for each in self.samples)

    @property
    def best_seconds(self) -> float:
        return min(each.seconds for each in self.samples)

    @property
    def cpu_seconds(self) -> float:
        return median(each.cpu_seconds for each in self.samples)

    @property
    def judged_seconds(self) -> float:
        return self.cpu_seconds if self.is_disturbed else self.seconds

    @property
    def records_a_second(self) -> float:
        return self.records / self.judged_seconds

    @property
    def parquet_bytes_a_record(self) -> float:
        return self.samples[0].answer.parquet_bytes / self.records

    def stages(self) -> dict[str, float]:
        """Median microseconds a record of each part the engine told of."""
        names = self.samples[0].stages
        return {
            name: median(each.stages[name] for each in self.samples) / self.records * 1e6
            for name in names
        }

    def as_dict(self) -> dict[str, object]:
        return {
            "records": self.records,
            "seconds": self.seconds,
            "best_seconds": self.best_seconds,
            "cpu_seconds": self.cpu_seconds,
            "read_bytes": self.samples[0].read_bytes,
            "parquet_bytes": self.samples[0].answer.parquet_bytes,
            "rounds": [each.seconds for each in self.samples],
        }


@dataclass(frozen=True, slots=True)
class Task:
    """What one worker is given. Tasks of the same `traffic` must give one answer."""

    name: str
    worker: Worker
    groups: Groups
    traffic: str = "usual"

    @property
    def records(self) -> int:
        return sum(body.records for group in self.groups for body in group)


def interleaved(
    workers: Sequence[Worker], bodies: Sequence[Body], rounds: int, spinner: Spinner | None
) -> dict[str, Timing]:
    """`rounds` rounds that count, after one that does not; each body becomes a file of its own."""
    tasks = [Task(each.engine, each, alone(bodies)) for each in workers]
    return interleaved_over(tasks, rounds, spinner)


def interleaved_over(
    tasks: Sequence[Task], rounds: int, spinner: Spinner | None
) -> dict[str, Timing]:
    """The same where each task, by its name, has groups of its own."""
    found: dict[str, list[Sample]] = {task.name: [] for task in tasks}
    gains_before = len(spinner.gains) if spinner else 0
    for number in range(rounds + 1):
        if spinner:
            spinner.look()
        for task in tasks:
            sample = task.worker.round(task.groups)
            if number:
                found[task.name].append(sample)
    for traffic in dict.fromkeys(task.traffic for task in tasks):
        _demand_one_answer(
            {task.name: found[task.name] for task in tasks if task.traffic == traffic}
        )
    is_disturbed = spinner.was_disturbed_since(gains_before) if spinner else False
    return {
        task.name: Timing(task.records, tuple(found[task.name]), is_disturbed) for task in tasks
    }


def _demand_one_answer(found: Mapping[str, Sequence[Sample]]) -> None:
    answers = {name: each.answer for name, samples in found.items() for each in samples}
    if not answers:
        return
    first = next(iter(answers.values()))
    if not all(answer.agrees(first) for answer in answers.values()):
        told = "\n".join(f"  {name}: {answer}" for name, answer in answers.items())
        raise WrongAnswer(f"the engines disagree:\n{told}")
