"""A provider's schema, read from the classes that CDK Terrain generates from it for TypeScript.

The wheels of cdktn-provider-* carry these classes, compiled. In each class body stands, for every attribute
and nested block, a comment with its name and whether it's computed, optional or required, and below it an
accessor that gives its type:

    // location - computed: false, optional: false, required: true
    ... return this.getStringAttribute('location');
    // cors - computed: false, optional: true, required: false
    _cors = new StorageBucketCorsList(this, "cors", false);

A block that may stand once is an …OutputReference, one that may stand often an …List, whose last argument
says whether it is a set. The declarations beside them document the values that an attribute takes.
"""

import re
import tarfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

KINDS = {"TerraformResource": "resource", "TerraformDataSource": "data", "TerraformProvider": "provider"}

_CLASS = re.compile(r"^class (\w+) extends cdktn\.(\w+) \{\n(.*?)^\}\n", re.M | re.S)
_TYPE_NAME = re.compile(r'static tfResourceType = "(\w+)"')
_ATTRIBUTE = re.compile(r"^    // (\w+) - computed: (\w+), optional: (\w+), required: (\w+)\n", re.M)
_NESTED = re.compile(
    r'_\w+ = new (?:index_1\.)?(\w+?)(OutputReference|List)\(this, "\w+"(?:, (true|false))?\)'
)
_INTERFACE = re.compile(r"^export interface (\w+?)(?:Config extends [^\n]*)? \{\n(.*?)^\}\n", re.M | re.S)
_VALUES = re.compile(r'Possible values: \[("[^\]]*")\](?:(?!\*/).)*?\{@link \S+#(\w+) ', re.S)

# By the accessor's first words, the more special before the more general.
_TYPES = {
    "cdktn.Fn.tolist(this.getListAttribute(": ["set", "string"],
    "this.getNumberListAttribute(": ["list", "number"],
    "this.getListAttribute(": ["list", "string"],
    "this.getStringMapAttribute(": ["map", "string"],
    "new cdktn.StringMap(": ["map", "string"],
    "new cdktn.StringMapList(": ["list", ["map", "string"]],
    "this.getStringAttribute(": "string",
    "this.getNumberAttribute(": "number",
    "this.getBooleanAttribute(": "bool",
}

Block = dict[str, Any]
"""A schema in JSON's terms:
{"attributes": {name: {"type", "optional", "required", "computed", "values"}},
"blocks": {name: {"nesting": "list" | "set" | "single", "min", "max", "block"}}}.
A type is written as Terraform writes it in JSON; max 0 is no limit."""


class SchemaError(Exception):
    """A generated class doesn't look as this module expects."""


def read_schemas(package: Path) -> Iterator[tuple[str, str, Block]]:
    """Kind, type name and schema of everything in a wheel's `*.jsii.tgz`.

    Kinds are resource, data and provider; a provider's type name is "provider". Left out are ephemeral
    resources, functions and the very few types whose classes lost their nesting. Raises SchemaError.
    """
    code: dict[str, str] = defaultdict(str)
    declarations: dict[str, str] = defaultdict(str)
    with tarfile.open(package) as archive:
        for member in archive:  # in its own order, since to seek in it is to unpack it anew
            parts = PurePosixPath(member.name).parts
            content = archive.extractfile(member)
            if len(parts) < 4 or parts[1] != "lib" or content is None:
                continue
            if member.name.endswith(".js"):
                code[parts[2]] += content.read().decode().partition("//# sourceMappingURL=")[0]
            elif member.name.endswith(".d.ts"):
                declarations[parts[2]] += content.read().decode()
    for folder in sorted(code):
        try:
            yield from _schemas(code[folder], declarations[folder])
        except KeyError as error:
            raise SchemaError(f"{folder} in {package.name} refers to {error}, which isn't there.") from None


def _schemas(code: str, declarations: str) -> Iterator[tuple[str, str, Block]]:
    classes = {name: (base, body) for name, base, body in _CLASS.findall(code)}
    bodies = {name: body for name, (_, body) in classes.items()}
    values = {
        (owner, attribute): [value.strip(' "') for value in listed.split(",")]
        for owner, body in _INTERFACE.findall(declarations)
        for listed, attribute in _VALUES.findall(body)
    }
    for name, (base, body) in classes.items():
        if kind := KINDS.get(base):
            found = _TYPE_NAME.search(body)
            if found is None:
                raise SchemaError(f"The class {name} has no tfResourceType.")
            try:
                block = _block(name, body, bodies, values)
            except RecursionError:
                continue  # the generated names of two nested blocks collided: their depth is lost
            yield kind, "provider" if kind == "provider" else found[1], block


def _block(owner: str, body: str, bodies: dict[str, str], values: dict[tuple[str, str], list[str]]) -> Block:
    attributes: dict[str, Any] = {}
    blocks: dict[str, Any] = {}
    for name, flags, accessor in _members(body):
        nested = _NESTED.search(accessor)
        if nested is None:
            attributes[name] = {
                "type": _type(accessor, f"{owner}.{name}"),
                **flags,
                "values": values.get((owner, name), []),
            }
            continue
        inner_owner, multiplicity, is_set = nested.groups()
        inner = _block(inner_owner, bodies[f"{inner_owner}OutputReference"], bodies, values)
        nesting = "set" if is_set == "true" else "list"
        if flags["computed"] and not flags["optional"]:
            attributes[name] = {"type": [nesting, _object(inner)], **flags, "values": []}
        else:
            blocks[name] = {
                "nesting": "single" if name == "timeouts" else nesting,
                "min": int(flags["required"]),
                "max": int(multiplicity == "OutputReference" and name != "timeouts"),
                "block": inner,
            }
    return {"attributes": attributes, "blocks": blocks}


def _members(body: str) -> Iterable[tuple[str, dict[str, bool], str]]:
    """Name, flags and accessor of each attribute and block of a class body."""
    parts = _ATTRIBUTE.split(body)[1:]
    for name, computed, optional, required, accessor in zip(*[iter(parts)] * 5, strict=True):
        flags = {
            "computed": computed == "true",
            "optional": optional == "true",
            "required": required == "true",
        }
        yield name, flags, accessor


def _type(accessor: str, where: str) -> Any:
    for words, of in _TYPES.items():
        if words in accessor:
            return of
    if "this.interpolationForAttribute(" in accessor or "return this._" in accessor:
        return "dynamic"
    raise SchemaError(f"The type of {where} can't be read from its accessor.")


def _object(block: Block) -> Any:
    """The object type of a block that only the provider fills in."""
    fields = {name: attribute["type"] for name, attribute in block["attributes"].items()}
    return ["object", fields]
