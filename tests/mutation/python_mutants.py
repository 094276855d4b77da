"""Every mutant of a Python file, found in its syntax tree."""

import ast
import re
from collections.abc import Iterator

from tests.mutation.mutant import Mutant

COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: (r"is\s+not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: (r"not\s+in", "in"),
}
# Nothing is computed here: annotations, decorators and base classes.
NOT_RUN = {"annotation", "returns", "decorator_list", "bases", "type_comment", "type_params"}


def python_mutants(file: str, source: bytes) -> list[Mutant]:
    return _PythonFile(file, source).mutants()


class _PythonFile:
    def __init__(self, file: str, source: bytes) -> None:
        self._file = file
        self._source = source
        self._found: list[Mutant] = []
        self._line_starts = [0]
        for line in source.splitlines(keepends=True):
            self._line_starts.append(self._line_starts[-1] + len(line))

    def mutants(self) -> list[Mutant]:
        self._walk(ast.parse(self._source))
        return self._found

    def _walk(self, node: ast.AST) -> None:
        match node:
            case ast.Raise():
                self._replace("raise dropped", node, "pass")
                return
            case ast.JoinedStr() | ast.Import() | ast.ImportFrom():
                # The parts of an f-string have no position of their own before Python 3.12.
                return
            case _:
                self._mutate(node)
        for child in _children(node):
            self._walk(child)

    def _mutate(self, node: ast.AST) -> None:
        match node:
            case ast.Compare():
                self._flip(node)
            case ast.BoolOp():
                is_and = isinstance(node.op, ast.And)
                before, after = ("and", "or") if is_and else ("or", "and")
                for left, right in zip(node.values, node.values[1:], strict=False):
                    self._replace_between("and/or swapped", left, right, before, after)
            case ast.UnaryOp(op=ast.Not()):
                start, end = self._span(node)[0], self._span(node.operand)[0]
                self._add("not dropped", node.lineno, start, end, "")
            case ast.Constant():
                self._change_constant(node)
            case _:
                self._mutate_statement(node)

    def _mutate_statement(self, node: ast.AST) -> None:
        match node:
            case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
                self._replace("return emptied", value, "None")
            case ast.Expr(value=ast.Call()):
                self._replace("call dropped", node, "pass")
            case ast.If() | ast.IfExp():
                self._replace("if forced", node.test, "True")
                self._replace("if forced", node.test, "False")
            case ast.comprehension():
                for test in node.ifs:
                    self._replace("filter dropped", test, "True")
            case ast.ExceptHandler():
                start, end = self._span(node.body[0])[0], self._span(node.body[-1])[1]
                self._add("handler emptied", node.lineno, start, end, "pass")
            case _:
                pass

    def _flip(self, node: ast.Compare) -> None:
        operands = [node.left, *node.comparators]
        for left, operator, right in zip(operands, node.ops, node.comparators, strict=False):
            before, after = COMPARISONS[type(operator)]
            self._replace_between("comparison flipped", left, right, before, after)

    def _change_constant(self, node: ast.Constant) -> None:
        match node.value:
            case bool() as truth:
                self._replace("true/false swapped", node, str(not truth))
            case int() as number:
                self._replace("number + 1", node, str(number + 1))
            case str() | bytes() as text if text:
                self._replace("text emptied", node, repr(text[:0]))
            case _:
                pass

    def _replace(self, kind: str, node: ast.stmt | ast.expr, replacement: str) -> None:
        self._add(kind, node.lineno, *self._span(node), replacement)

    def _replace_between(
        self, kind: str, left: ast.expr, right: ast.expr, before: str, after: str
    ) -> None:
        """Replace an operator, which has no position of its own."""
        start, end = self._span(left)[1], self._span(right)[0]
        gap = self._source[start:end].decode()
        pattern = rf"(?<!\w){before}(?!\w)" if before[0].isalpha() else re.escape(before)
        found = re.search(pattern, gap)
        if found is None or "#" in gap:
            return
        begin = start + len(gap[: found.start()].encode())
        line = left.end_lineno or left.lineno
        self._add(kind, line, begin, begin + len(found[0].encode()), after)

    def _span(self, node: ast.stmt | ast.expr) -> tuple[int, int]:
        end_line, end_column = node.end_lineno, node.end_col_offset
        assert end_line is not None
        assert end_column is not None
        start = self._line_starts[node.lineno - 1] + node.col_offset
        return start, self._line_starts[end_line - 1] + end_column

    def _add(self, kind: str, line: int, start: int, end: int, replacement: str) -> None:
        self._found.append(Mutant(self._file, line, kind, start, end, replacement.encode()))


def _children(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        if name in NOT_RUN:
            continue
        for child in value if isinstance(value, list) else [value]:
            is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            if isinstance(child, ast.AST) and not is_docstring:
                yield child
