"""A mutant → in place, in a process that has the module already, or that is about to import it."""

import ast
import importlib
import importlib.util
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import CodeType, FunctionType, ModuleType

from tests.bench.mutants.mutations import Mutant


def put_in_place(mutant: Mutant) -> None:
    """Give the imported module what a mutant changes: a function's code, or a constant's value.

    Raises LookupError or ValueError for what can't be changed so.
    """
    module = importlib.import_module(mutant.module)
    if mutant.function is None:
        _put_constant(module, mutant.statement)
        return
    found: object = module
    for name in mutant.function.split("."):
        found = vars(found)[name]
    for wrapper in ("fget", "func", "__func__", "__wrapped__"):
        found = getattr(found, wrapper, found)
    if not isinstance(found, FunctionType):
        raise LookupError(f"{mutant.function} is no function")
    found.__code__ = _codes(compile(mutant.source, found.__code__.co_filename, "exec"))[mutant.function]


def _codes(code: CodeType) -> dict[str, CodeType]:
    found = {inner.co_qualname: inner for inner in code.co_consts if isinstance(inner, CodeType)}
    return found | {name: deep for inner in found.values() for name, deep in _codes(inner).items()}


def _put_constant(module: ModuleType, statement: str) -> None:
    """Run an assignment, and give its value to every module that imported the old one."""
    try:
        (assignment,) = ast.parse(statement).body
    except (SyntaxError, ValueError) as error:
        raise LookupError("the change is within a class, or spoils the statement") from error
    if not isinstance(assignment, ast.Assign | ast.AnnAssign):
        raise LookupError("the change is in no assignment")
    target = assignment.targets[0] if isinstance(assignment, ast.Assign) else assignment.target
    if not isinstance(target, ast.Name | ast.Tuple):
        raise LookupError("the change is in no assignment to a name")
    values: dict[str, object] = {}
    try:
        exec(statement, dict(vars(module)), values)
    except Exception as error:
        raise LookupError("the assignment fails outside of its place") from error
    values.pop("__annotations__", None)
    for name, value in values.items():
        if name not in vars(module):
            raise LookupError(f"{name} is the constant of a class")
        old = vars(module)[name]
        for other in list(sys.modules.values()):
            if getattr(other, "__dict__", {}).get(name, values) is old:
                setattr(other, name, value)


class Finder(MetaPathFinder, Loader):
    """Gives a module the mutant's source when it's imported."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, fullname: str, _path: object, _target: object = None) -> ModuleSpec | None:
        if fullname != self._mutant.module:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None:
            spec.loader = self
        return spec

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self._mutant.source, module.__file__ or "", "exec"), vars(module))
