"""The api's routes. openapi.yaml describes what they take and answer."""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Request, Response
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.exceptions import NotFound as NoRoute
from werkzeug.routing import Map, MapAdapter, Rule

from cloud.inputs import read_fields, read_options, read_photo_description
from cloud.logs import describe_error, log
from cloud.names import MemeId, default_seed, meme_names, report_name
from cloud.option_codec import encode_options, options_of
from cloud.problems import Problem, bad_request, not_found, with_common_headers
from cloud.rate_limit import RequestLimit, client_of
from cloud.share_page import gone_page, meme_page, preferred_language
from cloud.shares import Shares
from cloud.signing import Signer
from cloud.storage import Bucket, NotFound, PreconditionFailed, StoredObject
from memegen import Options, PhotoError
from memegen.contract import MAX_REMIXES
from memegen.options import MAX_VARIANT

_PREFLIGHT_SECONDS = "3600"


@dataclass(frozen=True)
class Api:
    """Answers the api's requests. page_url: where people make memes."""

    uploads: Bucket
    memes: Bucket
    shares: Shares
    signer: Signer
    page_origins: tuple[str, ...]
    page_url: str
    limit: RequestLimit | None = None
    uploads_limit: RequestLimit | None = None

    def answer(self, request: Request, trace: str | None = None) -> Response:
        """The answer to any request; never raises."""
        try:
            response = self._routed(request)
        except Problem as problem:
            response = problem.response()
        except Exception as error:
            log("ERROR", "api request failed", trace, method=request.method, **describe_error(error))
            response = Problem(
                HTTPStatus.INTERNAL_SERVER_ERROR,
                "internal",
                "Something failed on our side. Try again in a moment.",
            ).response()
        self._allow_origin(request, response)
        return with_common_headers(response)

    def _routed(self, request: Request) -> Response:
        routes = _ROUTES.bind("", path_info=request.path, default_method=request.method)
        if request.method == "OPTIONS":
            return _preflight(routes)  # not counted: a browser that is refused one can't tell the page why
        _count(self.limit, "requests", request)
        try:
            endpoint, arguments = routes.match()
        except NoRoute:
            raise _nothing_here() from None
        except MethodNotAllowed as error:
            allowed = ", ".join(sorted({*(error.valid_methods or ()), "OPTIONS"}))
            raise Problem(
                HTTPStatus.METHOD_NOT_ALLOWED,
                "method-not-allowed",
                f"The method {request.method} isn't known here. Use one of {allowed}.",
                {"Allow": allowed},
            ) from None
        if "meme_id" in arguments:
            arguments = {"meme_id": _meme_id(arguments["meme_id"])}
        response: Response = endpoint(self, request, **arguments)
        return response

    def _health(self, _request: Request) -> Response:
        return _json(HTTPStatus.OK, {"status": "ok"})

    def _create_upload(self, request: Request) -> Response:
        _count(self.uploads_limit, "photos", request)
        own_url = _own_url(request)
        fields = read_fields(request, ("content_type", "size", "options"))
        content_type = read_photo_description(fields)
        options = read_options(fields)
        meme_id = MemeId.new()
        entry = encode_options(options) if options else None
        upload = self.signer.upload(meme_id.upload_name, content_type, entry)
        described = {"url": upload.url, "method": "PUT", "headers": upload.headers}
        return _json(
            HTTPStatus.CREATED,
            {"id": str(meme_id), "upload": described, "meme_url": f"{own_url}/memes/{meme_id}"},
        )

    def _show_meme(self, _request: Request, meme_id: MemeId) -> Response:
        report = _report(self.memes.fetch(report_name(meme_id.upload_name)))
        if report is None:
            uploaded = self.uploads.find(meme_id.upload_name) is not None
            return _json(HTTPStatus.OK, {"id": str(meme_id), "status": "working" if uploaded else "waiting"})
        del report["source"]
        answer = {"id": str(meme_id), **report}
        if report["status"] == "done":
            answer |= self._with_urls(meme_id, report)
        return _json(HTTPStatus.OK, answer)

    def _with_urls(self, meme_id: MemeId, report: dict[str, Any]) -> dict[str, Any]:
        """The meme's URLs and, where the report names outputs, those with their URLs.

        Their names come from the id: no other object's address is given, whatever stands in a report.
        """
        names = meme_names(meme_id.upload_name)
        urls = {"image/jpeg": self._urls(names["image/jpeg"])}
        outputs = [
            {**output, **(urls.get(kind) or self._urls(names[kind]))}
            for output in report.get("outputs", ())
            if (kind := output["type"]) in names
        ]
        return urls["image/jpeg"] | ({"outputs": outputs} if outputs else {})

    def _urls(self, name: str) -> dict[str, str]:
        return {"download_url": self.signer.download(name), "view_url": self.signer.view(name)}

    def _remix_meme(self, request: Request, meme_id: MemeId) -> Response:
        own_url = _own_url(request)
        options = read_options(read_fields(request, ("options",)))
        photo_id = MemeId(meme_id.photo, 0)
        photo = self.uploads.find(photo_id.upload_name)
        if photo is None:
            raise _photo_gone()
        own = _own_options(photo)
        seed = default_seed(self.uploads.name, photo.name, photo.generation) if own.seed is None else own.seed
        for n in range(self._last_number(photo_id) + 1, MAX_REMIXES + 1):
            remix_id = MemeId(photo_id.photo, n)
            # Unless the options say otherwise, a remix takes the photo's seed and the next variant, so that
            # each remix has a caption that was not shown before.
            variant = (own.variant + n) % (MAX_VARIANT + 1)
            entry = encode_options({"seed": seed, "variant": variant, **options})
            try:
                self.uploads.copy(photo, remix_id.upload_name, {"options": entry})
            except PreconditionFailed:
                continue  # another remix took the number
            except NotFound:
                raise _photo_gone() from None
            meme_url = f"{own_url}/memes/{remix_id}"
            return _json(HTTPStatus.CREATED, {"id": str(remix_id), "meme_url": meme_url})
        raise Problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            "too-many-remixes",
            f"This photo has had its {MAX_REMIXES} remixes, which is the most. Upload it again to make more.",
        )

    def _last_number(self, photo_id: MemeId) -> int:
        """The highest number that was given out, or 0.

        The photo is the first of its uploads to reach its term, and the memes stay for longer, so as long as
        it can be remixed each number is still in a name in one of the buckets.
        """
        names = [*self.uploads.names(photo_id.prefix), *self.memes.names(photo_id.prefix)]
        return max(_numbers(names, photo_id.prefix), default=0)

    def _delete_meme(self, _request: Request, meme_id: MemeId) -> Response:
        # Uploads first, the photo before its remixes: no new remix can start, and on_upload takes back
        # what it writes once its photo is gone.
        while names := self.uploads.names(meme_id.prefix):
            for name in names:
                self.uploads.delete(name)
        self.shares.revoke(meme_id)
        # Of each meme the report first: without it no copy is shared any more. The meme last: as long as its
        # name is there, a deletion that broke off finds the copy when it's asked again.
        while names := self.memes.names(meme_id.prefix):
            for name in [name for name in names if name.endswith(".json")]:
                self.memes.delete(name)
            for n in _numbers(names, meme_id.prefix):
                self.shares.revoke(MemeId(meme_id.photo, n))
            for name in [name for name in names if not name.endswith(".json")]:
                self.memes.delete(name)
        return Response(status=HTTPStatus.NO_CONTENT.value)

    def _share_meme(self, request: Request, meme_id: MemeId) -> Response:
        own_url = _own_url(request)
        report = _report(self.memes.fetch(report_name(meme_id.upload_name)))
        if report is None or not self.shares.make(meme_id, report):
            raise not_found(
                "There is no finished meme of this id. Share it once GET /memes/{id} shows that it is done."
            )
        return _json(HTTPStatus.CREATED, {"share_url": f"{own_url}/s/{meme_id.token}"})

    def _revoke_share(self, _request: Request, meme_id: MemeId) -> Response:
        self.shares.revoke(meme_id)
        return Response(status=HTTPStatus.NO_CONTENT.value)

    def _show_shared(self, request: Request, token: str) -> Response:
        language = preferred_language(request)
        shared = self.shares.find(token)
        if shared is None:
            return gone_page(self.page_url, language)
        return meme_page(shared, f"{_own_url(request)}/s/{token}", self.page_url, language)

    def _show_shared_picture(self, request: Request, token: str) -> Response:
        jpeg = self.shares.picture(token)
        if jpeg is None:
            return gone_page(self.page_url, preferred_language(request))
        return Response(jpeg, content_type="image/jpeg", headers={"X-Robots-Tag": "noindex"})

    def _allow_origin(self, request: Request, response: Response) -> None:
        origin = request.headers.get("Origin")
        if origin in self.page_origins:
            response.headers["Access-Control-Allow-Origin"] = origin


_ROUTES = Map(
    [
        Rule("/health", methods=["GET"], endpoint=Api._health),
        Rule("/uploads", methods=["POST"], endpoint=Api._create_upload),
        Rule("/memes/<meme_id>", methods=["GET"], endpoint=Api._show_meme),
        Rule("/memes/<meme_id>", methods=["DELETE"], endpoint=Api._delete_meme),
        Rule("/memes/<meme_id>/remix", methods=["POST"], endpoint=Api._remix_meme),
        Rule("/memes/<meme_id>/share", methods=["POST"], endpoint=Api._share_meme),
        Rule("/memes/<meme_id>/share", methods=["DELETE"], endpoint=Api._revoke_share),
        Rule("/s/<token>", methods=["GET"], endpoint=Api._show_shared),
        Rule("/s/<token>.jpg", methods=["GET"], endpoint=Api._show_shared_picture),
    ],
    merge_slashes=False,
)


def _count(limit: RequestLimit | None, what: str, request: Request) -> None:
    """Counts a request. Raises Problem: too-many-requests."""
    if limit is None:
        return
    client = client_of(request.headers.get("X-Forwarded-For"), request.remote_addr)
    if wait := math.ceil(limit.wait(client)):
        raise Problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            "too-many-requests",
            f"More than {limit.per_minute:,} {what} a minute came from your network; no more are taken. "
            f"Wait {wait} s, then try again.",
            {"Retry-After": str(wait)},
        )


def _preflight(routes: MapAdapter) -> Response:
    allowed = routes.allowed_methods()
    if not allowed:
        raise _nothing_here()
    methods = ", ".join(sorted({*allowed, "OPTIONS"}))
    return Response(
        status=HTTPStatus.NO_CONTENT.value,
        headers={
            "Allow": methods,
            "Access-Control-Allow-Methods": methods,
            "Access-Control-Allow-Headers": "Content-Type",
            "Access-Control-Max-Age": _PREFLIGHT_SECONDS,
        },
    )


def _nothing_here() -> Problem:
    return not_found("There is nothing at this address. openapi.yaml lists the api's.")


def _report(data: bytes | None) -> dict[str, Any] | None:
    """A report that on_upload wrote, or None, also for the file of somebody else who may write there."""
    try:
        report = json.loads(data) if data is not None else None
    except (ValueError, RecursionError):
        return None
    is_ours = isinstance(report, dict) and "source" in report and report.get("status") in ("done", "failed")
    return report if is_ours else None


def _own_options(photo: StoredObject) -> Options:
    """The photo's, or none where they are wrong, as its own report says: a remix has options of its own."""
    try:
        return options_of(photo.metadata)
    except PhotoError:
        return Options()


def _numbers(names: Iterable[str], prefix: str) -> set[int]:
    """The numbers of the photo (0) and the remixes that these names of uploads and outputs belong to."""
    found = [re.match(r"[0-9]{1,9}(?=\.|\Z)", name.removeprefix(prefix)) for name in names]
    return {int(number[0]) for number in found if number}


def _meme_id(text: str) -> MemeId:
    meme_id = MemeId.parse(text)
    if meme_id is None:
        raise not_found("This is not a meme's id. An id is what POST /uploads or a remix answered with.")
    return meme_id


def _photo_gone() -> Problem:
    return Problem(
        HTTPStatus.GONE,
        "photo-gone",
        "The photo of this meme is not there: it was never uploaded, was deleted, or its term is over. "
        "Upload it again.",
    )


def _own_url(request: Request) -> str:
    """The address that the client called this api at. Raises Problem: bad-request.

    A client that lies about it gets its own lie back, and nobody else does: no answer is kept or cached. In
    the cloud it gets nothing, since the platform hands on only requests for this api's own hosts.
    """
    if not request.host:
        raise bad_request("The header Host is missing or names no host. Send the api's own.")
    # TLS ends before the function; the platform tells what the client spoke.
    scheme = "https" if request.headers.get("X-Forwarded-Proto") == "https" else request.scheme
    return f"{scheme}://{request.host}"


def _json(status: HTTPStatus, body: dict[str, Any]) -> Response:
    return Response(
        json.dumps(body, ensure_ascii=False), status=status.value, content_type="application/json"
    )
