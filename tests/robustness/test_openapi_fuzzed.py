"""Schemathesis asks the running api what openapi.yaml allows and what it forbids: every answer is described.

A limit of requests a client isn't set on the local stack, so that none of them ends there.
"""

from itertools import product
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

OPENAPI = schemathesis.openapi.from_path(Path(__file__).parents[2] / "functions" / "openapi.yaml")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
OPERATIONS = ["health", "showMeme", "deleteMeme", "remixMeme", "createUpload"]
OPERATIONS += ["shareMeme", "revokeShare", "showShared", "showSharedPicture"]


def test_every_operation_is_asked() -> None:
    found = {operation.ok().definition.raw["operationId"] for operation in OPENAPI.get_all_operations()}
    assert found == set(OPERATIONS)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("operation_id", "mode"),
    # health takes nothing that could be wrong.
    [pair for pair in product(OPERATIONS, GenerationMode) if pair != ("health", GenerationMode.NEGATIVE)],
)
def test_every_answer_is_one_that_is_described(stack, operation_id: str, mode: GenerationMode) -> None:
    operation = OPENAPI.find_operation_by_id(operation_id)

    @settings(
        max_examples=12,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        answer: Response = case.call(base_url=stack.api_url)
        # 413 for a size over the limit is a refusal too; the check knows only others.
        extra = [negative_data_rejection] if mode.is_negative and answer.status_code != 413 else []
        case.validate_response(answer, checks=[*CHECKS, *extra])

    ask()
