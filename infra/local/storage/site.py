"""The page's files, served as the site's bucket serves them, with this stack's addresses put in."""

import re
from pathlib import Path

from werkzeug import Request, Response
from werkzeug.security import safe_join

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
    """The text of web/config.js for these addresses (no trailing slash)."""
    return "".join(
        f'export const {name} = "{url}";\n'
        for name, url in (("api", api), ("uploads", uploads), ("memes", memes))
    )


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
    if file is None or not file.is_file():
        return Response("There is no such file on this site.\n", 404, content_type="text/plain")
    body = file.read_bytes()
    if name == "config.js":
        body = config_js(api, uploads, memes).encode()
    elif name == "index.html":
        body = index_html(body.decode(), api, uploads, memes).encode()
    content_type = _CONTENT_TYPES.get(file.suffix, "application/octet-stream")
    return Response(body, content_type=content_type, headers={"Cache-Control": "no-cache"})
