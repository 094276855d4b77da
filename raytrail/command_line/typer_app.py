"""The commands of the table as a Typer app, with the help, errors and hints that Typer makes.

Only the commands that are asked for are imported; of the others it has names and sentences.
"""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_args, get_origin

import typer

from raytrail.command_line.parameters import Argument, Option, WrongValue
from raytrail.command_line.table import COMMANDS, GROUPS, Command, Group


def app(asked: str | None = None) -> typer.Typer:
    """The app with one command or group in full; None for all."""
    made = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        # Rich would take as long to load as everything else that the help needs.
        rich_markup_mode=None,
        help="The Logpush destination that keeps every batch and rebuilds anyone's URL trail.",
    )
    made.callback()(_options)
    for command in COMMANDS:
        _add(made, command, is_whole=asked in {None, command.name})
    for group in GROUPS:
        is_whole = asked in {None, group.name}
        inner = _group(group) if is_whole else typer.Typer(help=group.summary)
        made.add_typer(inner, name=group.name)
    return made


def _print_version(is_asked: bool) -> None:
    if is_asked:
        # Only this option pays for reading the installed package's metadata.
        from importlib.metadata import version  # noqa: PLC0415

        typer.echo(f"raytrail {version('raytrail')}")
        raise typer.Exit


def _options(
    _is_version_asked: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Print the version and exit.",
        ),
    ] = False,
) -> None:
    """What comes before the name of a command."""


def _add(made: typer.Typer, command: Command, *, is_whole: bool) -> None:
    if is_whole:
        function = _of_typer(command.function())
        if command.takes_data:
            function = _with_data_of_group(function)
        made.command(command.name, hidden=command.is_hidden)(function)
    else:
        made.command(command.name, help=command.summary, hidden=command.is_hidden)(_nothing)


def _nothing() -> None:
    """Stands for a command that was not asked for."""


def _group(group: Group) -> typer.Typer:
    if group.place:
        made = typer.Typer(invoke_without_command=True)
        made.callback()(_unless_command(_of_typer(group.function())))
    else:
        made = typer.Typer(no_args_is_help=True, help=group.summary)
    for command in group.commands:
        _add(made, command, is_whole=True)
    return made


def _of_typer(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, with its parameters declared as Typer reads them."""

    def call(**values: Any) -> None:
        function(**values)

    return _declared(call, function, _parameters(function))


def _with_data_of_group(function: Callable[..., Any]) -> Callable[..., Any]:
    """`findings --data X acknowledge` and `findings acknowledge --data X` are the same."""

    def call(context: typer.Context, **values: Any) -> None:
        if values["data"] is None and context.parent is not None:
            values["data"] = context.parent.params.get("data")
        function(**values)

    return _in_context(call, function)


def _unless_command(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function of a group, which does nothing before one of its commands."""

    def call(context: typer.Context, **values: Any) -> None:
        if context.invoked_subcommand is None:
            function(**values)

    return _in_context(call, function)


def _in_context(call: Callable[..., Any], function: Callable[..., Any]) -> Callable[..., Any]:
    context = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    own = inspect.signature(function).parameters.values()
    return _declared(call, function, [context, *own])


def _declared(
    call: Callable[..., Any], function: Callable[..., Any], parameters: list[inspect.Parameter]
) -> Callable[..., Any]:
    call.__name__, call.__doc__ = function.__name__, function.__doc__
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {each.name: each.annotation for each in parameters}
    return call


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """In their order; each can be given by name, as a wrapper does."""
    found = inspect.signature(function).parameters.values()
    return [
        each.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=_annotation(each.annotation))
        for each in found
    ]


def _annotation(annotation: Any) -> Any:
    if get_origin(annotation) is not Annotated:
        return annotation
    kind, declared = get_args(annotation)
    return Annotated[kind, _declaration(declared)]


def _declaration(declared: Option | Argument) -> Any:
    if isinstance(declared, Argument):
        return typer.Argument(metavar=declared.metavar, help=declared.help)
    names = (declared.name,) if declared.name else ()
    return typer.Option(
        *names,
        metavar=declared.metavar,
        help=declared.help,
        callback=_callback(declared.check) if declared.check else None,
        min=declared.least,
        max=declared.most,
    )


def _callback(check: Callable[[str], str]) -> Callable[[str], str]:
    def checked(value: str) -> str:
        try:
            return check(value)
        except WrongValue as error:
            raise typer.BadParameter(str(error)) from None

    return checked
