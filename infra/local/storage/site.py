"""The page's files, served as the site's bucket serves them, with this stack's addresses put in."""

import json
import re
from pathlib import Path

from werkzeug import Request, Response
from werkzeug.security import safe_join

from memegen.contract import CONTRACT_FILE

_WORDS = Path(__file__).parents[3] / "web" / "words"

_POLICY = re.compile(r'(<meta http-equiv="Content-Security-Policy" content=")[^"]*(">)')
_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


def config_js(api: str, uploads: str, memes: str) -> str:
    """The page's settings: these addresses (no trailing slash), its languages and the contract.

    Terraform writes the same file for a deployment.
    """
    languages = sorted(file.stem for file in _WORDS.glob("*.js"))
    settings = {
        "api": json.dumps(api),
        "uploads": json.dumps(uploads),
        "memes": json.dumps(memes),
        "languages": json.dumps(languages, separators=(",", ":")),
        "contract": CONTRACT_FILE.read_text().strip(),
    }
    return "".join(f"export const {name} = {value};\n" for name, value in settings.items())


def content_security_policy(api: str, uploads: str, memes: str) -> str:
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        f"connect-src {api} {uploads} {memes}; base-uri 'none'; form-action 'none'"
    )


def index_html(source: str, api: str, uploads: str, memes: str) -> str:
    """index.html with the Content-Security-Policy for these addresses.

    Raises ValueError unless `source` has exactly one such `<meta http-equiv=… content=…>`.
    """
    policy = content_security_policy(api, uploads, memes)
    result, count = _POLICY.subn(lambda found: found[1] + policy + found[2], source)
    if count != 1:
        raise ValueError(f"index.html has {count} Content-Security-Policy metas; expected exactly one.")
    return result


def answer(request: Request, path: str, root: Path, api: str, uploads: str, memes: str) -> Response:
    """The file at `path` (decoded, with its leading slash) under `root`; `/` is index.html."""
    if request.method not in ("GET", "HEAD"):
        return Response("The page is only read: GET or HEAD.\n", 405, headers={"Allow": "GET, HEAD"})
    name = path.lstrip("/") or "index.html"
    full = safe_join(str(root), name)
    file = Path(full) if full and "\0" not in full else None
    if name == "config.js":
        body = config_js(api, uploads, memes).encode()
    elif file is None or not file.is_file():
        return Response("There is no such file on this site.\n", 404, content_type="text/plain")
    elif name == "index.html":
        body = index_html(file.read_text(), api, uploads, memes).encode()
    else:
        body = file.read_bytes()
    content_type = _CONTENT_TYPES.get(Path(name).suffix, "application/octet-stream")
    return Response(body, content_type=content_type, headers={"Cache-Control": "no-cache"})
