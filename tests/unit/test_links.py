"""Every relative link in the documents leads to a file or folder of the repository."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HIDDEN = (".venv", ".venv-infra", ".venv-audit", ".venv-bench", ".git", ".local", "node_modules")
DOCUMENTS = sorted(
    path.relative_to(ROOT)
    for path in ROOT.rglob("*.md")
    if not any(part in HIDDEN or part.endswith("cache") for part in path.relative_to(ROOT).parts)
)


def links(text: str) -> list[str]:
    """The targets of the links and pictures in a Markdown text that are neither addresses nor anchors."""
    found = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [link for link in found if not re.match(r"[a-z]+:|#", link)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_link_leads_somewhere(document: Path):
    text = (ROOT / document).read_text()
    targets = [(ROOT / document.parent / link.partition("#")[0]) for link in links(text)]
    assert [str(target) for target in targets if not target.exists()] == []


def test_the_readme_is_among_the_documents_and_has_links():
    assert Path("README.md") in DOCUMENTS
    assert len(links((ROOT / "README.md").read_text())) > 10
