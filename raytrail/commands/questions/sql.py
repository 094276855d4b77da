"""`raytrail sql`: prints the rows of one statement that only reads."""

from pathlib import Path

from queries.analyst import analyst_sql
from queries.engine import open_engine
from raytrail.commands.questions.asked import take
from raytrail.commands.questions.trail import write
from raytrail.progress import shown_if_slow


def show(folder: Path, statement: str, *, as_json: bool) -> None:
    with open_engine(take(folder)) as engine:
        with shown_if_slow("querying"):
            answer = analyst_sql(engine, statement)
        if as_json:
            from queries.outputs import json_out

            write(json_out.answer_lines(answer))
        else:
            # Late: Rich is of no use to --json.
            from queries.outputs import terminal

            terminal.show_answer(answer, terminal.make_console())
