"""docs/how-to/error-code.md, done in a copy."""

import json
from pathlib import Path

from memegen.caption.choose import languages
from tests.how_to.copied import Copy, code_blocks
from tests.unit.test_page_words import named

CONTRACT, ERRORS = "functions/memegen/contract.json", "functions/memegen/errors.py"

# Prints the codes that a report can have, then the error that the how-to raises as its last step.
CODES = """
from memegen.errors import ErrorCode, PhotoError
print(*ErrorCode)
try:
    {raised}
except PhotoError as error:
    print(error.code, error)
"""


def test_an_error_code_is_two_files_and_its_words(tmp_path: Path):
    copy = Copy(tmp_path, "functions", "web")
    member, raised = code_blocks("error-code.md", "python")
    (words,) = code_blocks("error-code.md", "js")
    contract = json.loads((tmp_path / CONTRACT).read_text())
    contract["error_codes"]["report"]["enum"].append("too-dark")
    (tmp_path / CONTRACT).write_text(json.dumps(contract))
    copy.insert(ERRORS, "BAD_OPTION =", member.strip())
    for language in languages():
        copy.insert(f"web/words/{language}.js", '"failure ', words.strip())

    assert copy.changed() == {CONTRACT, ERRORS, *(f"web/words/{language}.js" for language in languages())}
    codes, error = copy.run("-c", CODES.format(raised=raised.strip())).splitlines()
    assert sorted(codes.split()) == sorted(contract["error_codes"]["report"]["enum"])
    assert error.startswith("too-dark The photo is black")
    for language in languages():
        assert "too-dark" in named(language, "failure", tmp_path / "web" / "words")
