"""Serves a schema to Terraform as a provider would: `python -m tests.support.provider.plugin google.json`.

The plugin protocol is https://developer.hashicorp.com/terraform/plugin/terraform-plugin-protocol, version 6,
over go-plugin's handshake. A plan knows what the configuration says and leaves open what only the cloud could
tell; what the real provider replaces is replaced here too. Applying is refused, so that nobody takes this for
a deployment. A test that needs a state sets APPLIES in the environment: what was left open then gets made-up
values.
"""

import base64
import json
import os
import re
import ssl
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import grpc
import msgpack
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tf.gen import grpc_controller_pb2 as controller_pb
from tf.gen import grpc_controller_pb2_grpc as controller
from tf.gen import grpc_stdio_pb2_grpc as stdio
from tf.gen import tfplugin_pb2 as pb
from tf.gen import tfplugin_pb2_grpc as protocol

from tests.support.provider.force_new import FORCE_NEW
from tests.support.provider.schema import Block

UNKNOWN = msgpack.ExtType(0, b"\0")
"""A value that's known after apply: https://github.com/zclconf/go-cty/blob/main/docs/json.md"""

APPLIES = "STAND_IN_PROVIDER_APPLIES"

_NUMBER_OF_A_PROJECT = "123456789012"
_NESTING = {
    "list": pb.Schema.NestedBlock.LIST,
    "set": pb.Schema.NestedBlock.SET,
    "single": pb.Schema.NestedBlock.SINGLE,
}


class Provider(protocol.ProviderServicer):
    """`schemas`: kind → type name → schema, see tests.support.provider.schema."""

    def __init__(self, schemas: Mapping[str, Mapping[str, Block]], stopped: Event):
        self._schemas = schemas
        self._stopped = stopped

    def GetMetadata(self, _request: Any, _context: Any) -> Any:
        metadata = pb.GetMetadata
        return metadata.Response(
            resources=[metadata.ResourceMetadata(type_name=name) for name in self._schemas["resource"]],
            data_sources=[metadata.DataSourceMetadata(type_name=name) for name in self._schemas["data"]],
        )

    def GetProviderSchema(self, _request: Any, _context: Any) -> Any:
        return pb.GetProviderSchema.Response(
            provider=_schema(self._schemas["provider"]["provider"]),
            resource_schemas={name: _schema(block) for name, block in self._schemas["resource"].items()},
            data_source_schemas={name: _schema(block) for name, block in self._schemas["data"].items()},
        )

    def ValidateProviderConfig(self, _request: Any, _context: Any) -> Any:
        return pb.ValidateProviderConfig.Response()

    def ValidateResourceConfig(self, request: Any, _context: Any) -> Any:
        block = self._schemas["resource"][request.type_name]
        return pb.ValidateResourceConfig.Response(diagnostics=list(_errors(block, _read(request.config))))

    def ValidateDataResourceConfig(self, request: Any, _context: Any) -> Any:
        block = self._schemas["data"][request.type_name]
        return pb.ValidateDataResourceConfig.Response(diagnostics=list(_errors(block, _read(request.config))))

    def ConfigureProvider(self, _request: Any, _context: Any) -> Any:
        return pb.ConfigureProvider.Response()

    def UpgradeResourceState(self, request: Any, _context: Any) -> Any:
        return pb.UpgradeResourceState.Response(upgraded_state=pb.DynamicValue(json=request.raw_state.json))

    def ReadResource(self, request: Any, _context: Any) -> Any:
        return pb.ReadResource.Response(new_state=request.current_state)

    def PlanResourceChange(self, request: Any, _context: Any) -> Any:
        proposed = _read(request.proposed_new_state)
        block = self._schemas["resource"][request.type_name]
        planned = _filled(block, proposed, lambda _name, _type: UNKNOWN)
        prior = _read(request.prior_state)
        replaced = [
            pb.AttributePath(steps=[pb.AttributePath.Step(attribute_name=name)])
            for name in FORCE_NEW.get(request.type_name, ())
            if isinstance(prior, dict) and isinstance(planned, dict) and prior.get(name) != planned.get(name)
        ]
        return pb.PlanResourceChange.Response(planned_state=_written(planned), requires_replace=replaced)

    def ReadDataSource(self, request: Any, _context: Any) -> Any:
        found = _filled(self._schemas["data"][request.type_name], _read(request.config), _made_up)
        return pb.ReadDataSource.Response(state=_written(found))

    def ApplyResourceChange(self, request: Any, _context: Any) -> Any:
        if APPLIES in os.environ:
            block = self._schemas["resource"][request.type_name]
            applied = _filled(block, _without_unknowns(_read(request.planned_state)), _made_up)
            return pb.ApplyResourceChange.Response(new_state=_written(applied))
        refused = _error(
            "This is a stand-in for the provider, with no cloud behind it: it can only plan.", []
        )
        return pb.ApplyResourceChange.Response(new_state=request.prior_state, diagnostics=[refused])

    def GetFunctions(self, _request: Any, _context: Any) -> Any:
        return pb.GetFunctions.Response()

    def StopProvider(self, _request: Any, _context: Any) -> Any:
        self._stopped.set()
        return pb.StopProvider.Response()


class _Controller(controller.GRPCControllerServicer):
    def __init__(self, stopped: Event):
        self._stopped = stopped

    def Shutdown(self, _request: Any, _context: Any) -> Any:
        self._stopped.set()
        return controller_pb.Empty()


class _Stdio(stdio.GRPCStdioServicer):
    def StreamStdio(self, _request: Any, _context: Any) -> Any:
        return iter(())


def _schema(block: Block) -> Any:
    return pb.Schema(version=0, block=_proto_block(block))


def _proto_block(block: Block) -> Any:
    attributes = [
        pb.Schema.Attribute(
            name=name,
            type=json.dumps(attribute["type"]).encode(),
            required=attribute["required"],
            optional=attribute["optional"],
            computed=attribute["computed"],
        )
        for name, attribute in block["attributes"].items()
    ]
    nested = [
        pb.Schema.NestedBlock(
            type_name=name,
            block=_proto_block(inner["block"]),
            nesting=_NESTING[inner["nesting"]],
            min_items=inner["min"] if inner["nesting"] != "single" else 0,
            max_items=inner["max"],
        )
        for name, inner in block["blocks"].items()
    ]
    return pb.Schema.Block(attributes=attributes, block_types=nested)


def _filled(block: Block, value: Any, fill: Callable[[str, Any], Any]) -> Any:
    """`value` with what the provider would compute put in by `fill`, down to the last nested block."""
    if not isinstance(value, dict):
        return value
    result = dict(value)
    for name, attribute in block["attributes"].items():
        if attribute["computed"] and result.get(name) is None:
            result[name] = fill(name, attribute["type"])
    for name, inner in block["blocks"].items():
        nested = result.get(name)
        if isinstance(nested, list):
            result[name] = [_filled(inner["block"], each, fill) for each in nested]
        else:
            result[name] = _filled(inner["block"], nested, fill)
    return result


def _without_unknowns(value: Any) -> Any:
    """`value` with None for each value that's known after apply."""
    if isinstance(value, dict):
        return {name: _without_unknowns(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_unknowns(each) for each in value]
    return None if isinstance(value, msgpack.ExtType) else value


def _made_up(name: str, of: Any) -> Any:
    """What a data source answers and an applied resource gets: made up by its name and type."""
    if of == "string":
        return _NUMBER_OF_A_PROJECT if name == "number" else f"made-up-{name.replace('_', '-')}"
    return {"number": 0, "bool": False}.get(of) if isinstance(of, str) else {} if of[0] == "map" else []


def _errors(block: Block, value: Any, path: tuple[str, ...] = ()) -> Iterator[Any]:
    """Diagnostics for values that the provider's documentation doesn't list as possible."""
    if not isinstance(value, dict):
        return
    for name, attribute in block["attributes"].items():
        given = value.get(name)
        if attribute["values"] and isinstance(given, str) and given not in attribute["values"]:
            known = ", ".join(attribute["values"])
            yield _error(f"{given!r} is not a value of {name}. Its values are {known}.", [*path, name])
    for name, inner in block["blocks"].items():
        nested = value.get(name)
        for each in nested if isinstance(nested, list) else [nested]:
            yield from _errors(inner["block"], each, (*path, name))


def _error(sentence: str, path: list[str]) -> Any:
    return pb.Diagnostic(
        severity=pb.Diagnostic.ERROR, summary=sentence, detail=f"At {'.'.join(path)}." if path else ""
    )


def _read(value: Any) -> Any:
    return msgpack.unpackb(value.msgpack, strict_map_key=False) if value.msgpack else json.loads(value.json)


def _written(value: Any) -> Any:
    return pb.DynamicValue(msgpack=msgpack.packb(value))


def _certificate() -> tuple[bytes, bytes, bytes]:
    """A key and its certificate for this one run, in PEM, and the certificate in DER."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    return private, pem, ssl.PEM_cert_to_DER_cert(pem.decode())


def schemas_in_use(schemas: Mapping[str, Mapping[str, Block]], folder: Path) -> dict[str, dict[str, Block]]:
    """The types that the configuration in `folder` and the modules that it calls name.

    All of them would take Terraform seconds.
    """
    installed = folder / ".terraform" / "modules" / "modules.json"
    called = json.loads(installed.read_text())["Modules"] if installed.exists() else []
    folders = {folder, *(folder / module["Dir"] for module in called)}
    text = "\n".join(path.read_text() for each in folders for path in each.rglob("*.tf"))
    named = set(re.findall(r'^(?:resource|data) "(\w+)"', text, re.M))
    return {
        kind: {name: block for name, block in types.items() if kind == "provider" or name in named}
        for kind, types in schemas.items()
    }


def main(schema_file: str) -> None:
    schemas = json.loads(Path(schema_file).read_text())
    stopped = Event()
    server = grpc.server(ThreadPoolExecutor(max_workers=8))
    protocol.add_ProviderServicer_to_server(Provider(schemas_in_use(schemas, Path.cwd()), stopped), server)
    controller.add_GRPCControllerServicer_to_server(_Controller(stopped), server)
    stdio.add_GRPCStdioServicer_to_server(_Stdio(), server)
    private, pem, der = _certificate()
    with tempfile.TemporaryDirectory() as folder:
        socket = f"{folder}/plugin.sock"
        server.add_secure_port(f"unix://{socket}", grpc.ssl_server_credentials([(private, pem)]))
        server.start()
        encoded = base64.b64encode(der).decode().rstrip("=")
        print(f"1|6|unix|{socket}|grpc|{encoded}", flush=True)
        stopped.wait()
        server.stop(grace=1).wait()


if __name__ == "__main__":
    main(sys.argv[1])
