"""The page's files, served as the site's bucket serves them, with this stack's addresses put in."""

import gzip
import hashlib
import json
import re
from pathlib import Path

from werkzeug import Request, Response
from werkzeug.security import safe_join

from memegen.contract import CONTRACT_FILE

_WORDS = Path(__file__).parents[3] / "web" / "words"

_POLICY = re.compile(r'(<meta http-equiv="Content-Security-Policy" content=")[^"]*(">)')
_PREVIEW = re.compile(r'(<meta property="og:image" content=")[^"]*(/samples/[^"]+">)')
_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}

_CODE = re.compile(r"\.(html|js|css|json|webmanifest)$")
# What the service worker keeps for when there is no network.
_SHELL = re.compile(r"\.(html|js|css|svg|webp)$")

_COMPRESSED = {
    "application/json",
    "application/manifest+json",
    "image/svg+xml",
    "text/css",
    "text/html",
    "text/javascript",
    "text/plain",
}
_LEAST_COMPRESSED = 1024  # bytes


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
        f"connect-src 'self' {api} {uploads} {memes}; manifest-src 'self'; worker-src 'self'; "
        "base-uri 'none'; form-action 'none'"
    )


def index_html(source: str, api: str, uploads: str, memes: str, site: str) -> str:
    """index.html with the Content-Security-Policy for these addresses, and the preview's on this site.

    Raises ValueError unless `source` has exactly one such `<meta http-equiv=… content=…>`.
    """
    policy = content_security_policy(api, uploads, memes)
    result, count = _POLICY.subn(lambda found: found[1] + policy + found[2], source)
    if count != 1:
        raise ValueError(f"index.html has {count} Content-Security-Policy metas; expected exactly one.")
    return _PREVIEW.sub(lambda found: found[1] + site + found[2], result)


def service_worker_js(root: Path, api: str, uploads: str, memes: str, site: str) -> str:
    """sw.js with the names of the page's files in front, and a hash of them and of what they hold.

    Terraform writes the same file for a deployment.
    """
    names = [*(file.relative_to(root).as_posix() for file in root.rglob("*") if file.is_file()), "config.js"]
    shell = sorted({name for name in names if _SHELL.search(name) and name != "sw.js"})
    contents = [_content(name, root, api, uploads, memes, site) or b"" for name in shell]
    hashes = [hashlib.sha256(content).hexdigest() for content in contents]
    version = hashlib.sha256("".join([*shell, *hashes]).encode()).hexdigest()[:16]
    files = json.dumps(shell, separators=(",", ":"))
    return f'const version = "{version}";\nconst files = {files};\n' + (root / "sw.js").read_text()


def cache_control(name: str) -> str:
    """For how long a browser may use a file without asking whether it's current, as Terraform sets it."""
    return "no-cache" if _CODE.search(name) else "public, max-age=86400"


def answer(
    request: Request, path: str, root: Path, api: str, uploads: str, memes: str, site: str
) -> Response:
    """The file at `path` (decoded, with its leading slash) under `root`; `/` is index.html.

    It has an ETag, as Cloud Storage gives one, and is compressed as Cloud CDN does it in front of the bucket:
    https://cloud.google.com/cdn/docs/dynamic-compression.
    """
    if request.method not in ("GET", "HEAD"):
        return Response("The page is only read: GET or HEAD.\n", 405, headers={"Allow": "GET, HEAD"})
    name = path.lstrip("/") or "index.html"
    content = _content(name, root, api, uploads, memes, site)
    if content is None:
        return Response("There is no such file on this site.\n", 404, content_type="text/plain")
    content_type = _CONTENT_TYPES.get(Path(name).suffix, "application/octet-stream")
    response = Response(content, content_type=content_type, headers={"Cache-Control": cache_control(name)})
    response.set_etag(hashlib.sha256(content).hexdigest()[:32])
    _compress(request, response)
    return response.make_conditional(request)


def _content(name: str, root: Path, api: str, uploads: str, memes: str, site: str) -> bytes | None:
    """A file as the page gets it, or None where there is none of this name."""
    full = safe_join(str(root), name)
    file = Path(full) if full and "\0" not in full else None
    if name == "config.js":
        return config_js(api, uploads, memes).encode()
    if file is None or not file.is_file():
        return None
    if name == "index.html":
        return index_html(file.read_text(), api, uploads, memes, site).encode()
    if name == "sw.js":
        return service_worker_js(root, api, uploads, memes, site).encode()
    return file.read_bytes()


def _compress(request: Request, response: Response) -> None:
    """Packs text of a size that is worth it; the ETag then no longer stands for these very bytes."""
    if response.mimetype not in _COMPRESSED or len(response.data) < _LEAST_COMPRESSED:
        return
    response.headers["Vary"] = "Accept-Encoding"
    if request.accept_encodings.quality("gzip") > 0:
        response.data = gzip.compress(response.data, compresslevel=6, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
        response.set_etag(response.get_etag()[0] or "", weak=True)
