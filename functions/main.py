"""The deployed entry points: on_upload makes a meme of a finished upload, sweep makes those that it missed,
api answers the page. Two more are optional: stop closes the api when the month's budget is spent, canary
tries the whole way.

FUNCTION_TARGET names the one that this process serves. It makes what that one needs before any request,
so wrong settings or a broken model refuse to start; and api's process never loads the library's numpy,
OpenCV and models.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import flask
import functions_framework
from cloudevents.http import CloudEvent
from werkzeug.exceptions import HTTPException

from cloud import startup, stopping
from cloud.events import MAX_EVENT_BYTES, upload_of
from cloud.logs import describe_error, log, trace_of
from cloud.settings import Settings
from cloud.storage import Bucket, make_client

_settings = Settings.from_environment()
_client = make_client(_settings)
_uploads = Bucket(_client, _settings.uploads_bucket)
_memes = Bucket(_client, _settings.memes_bucket)


def _trace() -> str | None:
    return trace_of(flask.request.headers.get("traceparent"), _client.project)


@contextmanager
def _answering_500(message: str) -> Iterator[str | None]:
    """Gives the request's trace. An error within, but no answer, is logged as `message` and answered 500."""
    trace = _trace()
    try:
        yield trace
    except HTTPException:
        raise
    except Exception as error:
        log("ERROR", message, trace, **describe_error(error))
        # Raised as it is, the framework would log it again: a second error, with the object's name in it.
        flask.abort(500)


if _settings.function == "api":
    from cloud import server
    from cloud.api import Api
    from cloud.rate_limit import RequestLimit
    from cloud.shares import Shares
    from cloud.signing import Signer

    _api = Api(
        _uploads,
        _memes,
        Shares(_memes),
        Signer(_settings, _client),
        _settings.page_origins,
        _settings.page_url,
        limit=RequestLimit.of(_settings.requests_per_minute),
        uploads_limit=RequestLimit.of(_settings.uploads_per_minute),
    )
    server.use(tells_clients_apart=_settings.requests_per_minute is not None)

    @functions_framework.http
    def api(request: flask.Request) -> flask.Response:
        return _api.answer(request, _trace())

    # The framework has routes of its own and answers some addresses itself, without the api's headers and
    # limit. A hook of its Flask application comes before any route.
    if flask.has_app_context():
        flask.current_app.before_request(lambda: api(flask.request))

elif _settings.function == "on_upload":
    from cloud import server
    from cloud.processing import Processor

    _processor = Processor(_uploads, _memes, _settings.selection)
    server.use(limits=server.Limits(MAX_EVENT_BYTES))

    @functions_framework.cloud_event
    def on_upload(event: CloudEvent) -> None:
        with _answering_500("upload not processed, to be tried again") as trace:
            _processor.process(upload_of(event), trace)

else:
    stopping.use()

if _settings.function == "sweep":
    from dataclasses import asdict

    from cloud.processing import Processor
    from cloud.sweep import Sweeper

    _sweeper = Sweeper(Processor(_uploads, _memes, _settings.selection))

    @functions_framework.http
    def sweep(request: flask.Request) -> dict[str, int]:
        if request.method != "POST":
            flask.abort(405)
        with _answering_500("sweep failed, to be run again") as trace:
            return asdict(_sweeper.sweep(trace))

elif _settings.function == "stop":
    from cloud.kill_switch import Service, authorized, spending_of

    _service = Service(authorized(), _settings.api_service, _settings.run_endpoint)

    @functions_framework.cloud_event
    def stop(event: CloudEvent) -> None:
        with _answering_500("budget's message not followed, to be tried again") as trace:
            spending = spending_of(event)
            if spending.is_over and _service.close():
                log("WARNING", "api stopped", trace, cost=spending.cost, budget=spending.budget)

elif _settings.function == "canary":
    from cloud.canary import Canary, CanaryError

    @functions_framework.http
    def canary(request: flask.Request) -> dict[str, str]:
        if request.method != "POST":
            flask.abort(405)
        with _answering_500("canary not sent") as trace:
            try:
                Canary(str(request.get_json()["api"])).fly()
            except CanaryError as error:
                log("ERROR", "canary failed", trace, step=error.step, status=error.status)
                flask.abort(503)
            return {"status": "ok"}


startup.finished()
