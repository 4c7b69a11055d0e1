"""A module's source → its mutants: copies that differ from it in one place.

The changes are mutmut's own (https://mutmut.readthedocs.io). Left alone is what no test of behaviour could
see: annotations, docstrings, and the wording of sentences for people.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate, takewhile

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider, WhitespaceInclusivePositionProvider
from mutmut.mutation.mutators import mutation_operators

_LEFT_ALONE = (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom)


@dataclass(frozen=True)
class Mutant:
    """A module with one change.

    module: its name. source: all of it, mutated. function: the qualified name of the function whose body is
    changed; None outside of functions. lines: those of the changed statement. before, after: what changed.
    """

    module: str
    source: str
    function: str | None
    lines: range
    before: str
    after: str
    key: str

    @property
    def statement(self) -> str:
        """The changed statement, as long as the change adds no line."""
        return "\n".join(self.source.splitlines()[self.lines.start - 1 : self.lines.stop - 1])

    def __str__(self) -> str:
        return f"{self.module}:{self.lines.start}: {self.before}  →  {self.after}"


def mutants_of(module: str, source: str) -> list[Mutant]:
    """All mutants of a module, in the order of its lines."""
    wrapper = MetadataWrapper(cst.parse_module(source), unsafe_skip_copy=True)
    places = _Places()
    wrapper.visit(places)
    span = _spans(wrapper, source)
    found: list[Mutant] = []
    known, times = {source}, Counter[tuple[str, str, str]]()
    for place in places.found:
        start, end = span(place.node)
        for mutated in _mutated(place.node):
            # In the text, since to replace a node in the tree takes as long as to copy all of it.
            code = source[:start] + wrapper.module.code_for_node(mutated) + source[end:]
            if code in known:
                continue
            known.add(code)
            change = (place.scope, *_changed_lines(source, code))
            times[change] += 1
            key = hashlib.sha256(repr((module, change, times[change])).encode()).hexdigest()[:12]
            found.append(Mutant(module, code, place.function, place.lines, *change[1:], key))
    return found


def _spans(wrapper: MetadataWrapper, source: str) -> Callable[[cst.CSTNode], tuple[int, int]]:
    """Where a node's text begins and ends."""
    starts = [0, *accumulate(map(len, source.splitlines(keepends=True)))]
    ranges = wrapper.resolve(WhitespaceInclusivePositionProvider)

    def span(node: cst.CSTNode) -> tuple[int, int]:
        found = ranges[node]
        first, last = ((starts[at.line - 1] + at.column) for at in (found.start, found.end))
        return first, last

    return span


@dataclass(frozen=True)
class _Place:
    """A piece of code: in which function's body it stands, in which scope, and its statement's lines."""

    node: cst.CSTNode
    function: str | None
    scope: str
    lines: range


class _Places(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Place] = []
        self._names: list[str] = []
        self._function: str | None = None
        self._lines = range(0)

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, _LEFT_ALONE) or _is_docstring(node):
            return False
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self._visit_scope(node)
            return False
        if isinstance(node, cst.BaseCompoundStatement | cst.SimpleStatementLine):
            self._lines = self._lines_of(node)
        self.found.append(_Place(node, self._function, ".".join(self._names), self._lines))
        return True

    def _visit_scope(self, node: cst.FunctionDef | cst.ClassDef) -> None:
        outer = self._function, self._lines
        self._names.append(node.name.value)
        self._lines = self._lines_of(node)
        if isinstance(node, cst.FunctionDef):
            node.params.visit(self)
            self._function = self._function or ".".join(self._names)
        node.body.visit(self)
        self._names.pop()
        self._function, self._lines = outer

    def _lines_of(self, statement: cst.CSTNode) -> range:
        """A statement's lines; of one with a body, those of its head."""
        span = self.get_metadata(PositionProvider, statement)
        body = getattr(statement, "body", None)
        if isinstance(body, cst.BaseSuite):
            return range(span.start.line, self.get_metadata(PositionProvider, body).start.line + 1)
        return range(span.start.line, span.end.line + 1)


def _mutated(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """What stands in a node's place.

    Of the changes to a text one is tried, and of those to an argument None in its place: the others that
    mutmut knows end in the same way, nearly always.
    """
    for kind, operator in mutation_operators:
        if isinstance(node, kind) and not _is_sentence(node):
            changes = [mutated for mutated in operator(node) if not _is_left_out(node, mutated)]
            yield from changes[:1] if isinstance(node, cst.BaseString) else changes


def _is_left_out(node: cst.CSTNode, mutated: cst.CSTNode) -> bool:
    if not isinstance(node, cst.Call) or not isinstance(mutated, cst.Call):
        return False
    pairs = zip(node.args, mutated.args, strict=False)
    gone = [old.value for old, new in pairs if old.value is not new.value]
    return len(mutated.args) < len(node.args) or any(map(_is_sentence, gone))


def _is_sentence(node: cst.CSTNode) -> bool:
    """Whether a text is for people: it has a space."""
    if isinstance(node, cst.ConcatenatedString):
        return _is_sentence(node.left) or _is_sentence(node.right)
    if isinstance(node, cst.FormattedString):
        return any(isinstance(part, cst.FormattedStringText) and " " in part.value for part in node.parts)
    return isinstance(node, cst.SimpleString) and " " in node.value


def _is_docstring(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Expr) and isinstance(node.value, cst.BaseString)


def _changed_lines(source: str, code: str) -> tuple[str, str]:
    old, new = source.splitlines(), code.splitlines()
    same = _alike(old, new)
    tail = _alike(old[same:][::-1], new[same:][::-1])
    return _joined(old[same : len(old) - tail]), _joined(new[same : len(new) - tail])


def _alike(one: list[str], other: list[str]) -> int:
    """How many lines are the same from the beginning on."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _joined(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)
