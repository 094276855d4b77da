"""`raytrail sql`: prints the rows of one statement that only reads."""

from dataclasses import replace
from pathlib import Path

from queries.analyst import analyst_sql
from queries.engine import Engine
from queries.escape import for_terminal
from queries.path_templates import Rules
from queries.shell_content import Told
from raytrail.command_line.echo import echo
from raytrail.commands.questions.asked import answered, incomplete, streamed, take
from raytrail.commands.questions.last_resort import bounded_memory, end_overdue
from raytrail.commands.questions.trail import write_json
from raytrail.progress import shown_if_slow
from store.files.layout import Layout


def show(
    place: Path | Layout,
    statement: str,
    rules: Rules,
    told: Told,
    *,
    as_json: bool,
    is_without_damaged: bool,
) -> None:
    """`told` is what settings tell an analyst."""

    def print_rows(engine: Engine) -> None:
        engine.when_overdue = end_overdue
        with shown_if_slow("querying"):
            answer = analyst_sql(engine, statement)
            answer = replace(answer, rows=streamed(answer.rows))
        left_out = incomplete(engine.snapshot)
        for sentence in left_out:
            echo(for_terminal(sentence), err=True)
        if as_json:
            from queries.outputs import json_out

            write_json(json_out.answer_lines(answer, is_incomplete=bool(left_out)))
        else:
            # Late: Rich is of no use to --json.
            from queries.outputs import terminal

            terminal.show_answer(answer, terminal.make_console())

    with bounded_memory():
        answered(
            take(place),
            print_rows,
            datasets=None,
            is_without_damaged=is_without_damaged,
            rules=rules,
            told=told,
        )
