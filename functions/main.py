"""The deployed entry points: on_upload makes a meme of a finished upload, sweep makes those that it missed,
api answers the page.

FUNCTION_TARGET names the one that this process serves. It makes what that one needs before any request,
so wrong settings or a broken model refuse to start; and api's process never loads the library's numpy,
OpenCV and models.
"""

import flask
import functions_framework
from cloudevents.http import CloudEvent

from cloud import startup
from cloud.events import upload_of
from cloud.logs import describe_error, log, trace_of
from cloud.settings import Settings
from cloud.storage import Bucket, make_client

_settings = Settings.from_environment()
_client = make_client(_settings)
_uploads = Bucket(_client, _settings.uploads_bucket)
_memes = Bucket(_client, _settings.memes_bucket)

if _settings.function == "on_upload":
    from cloud.processing import Processor

    _processor = Processor(_uploads, _memes)

    @functions_framework.cloud_event
    def on_upload(event: CloudEvent) -> None:
        trace = trace_of(flask.request.headers.get("traceparent"), _client.project)
        try:
            _processor.process(upload_of(event), trace)
        except Exception as error:
            log("ERROR", "upload not processed, to be tried again", trace, **describe_error(error))
            # Raised as it is, the framework would log it again: a second error, with the object's name in it.
            flask.abort(500)

elif _settings.function == "sweep":
    from dataclasses import asdict

    from cloud.processing import Processor
    from cloud.sweep import Sweeper

    _sweeper = Sweeper(Processor(_uploads, _memes))

    @functions_framework.http
    def sweep(request: flask.Request) -> dict[str, int]:
        if request.method != "POST":
            flask.abort(405)
        trace = trace_of(request.headers.get("traceparent"), _client.project)
        try:
            return asdict(_sweeper.sweep(trace))
        except Exception as error:
            log("ERROR", "sweep failed, to be run again", trace, **describe_error(error))
            flask.abort(500)

else:
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
        return _api.answer(request, trace_of(request.headers.get("traceparent"), _client.project))

    # The framework has routes of its own and answers some addresses itself, without the api's headers and
    # limit. A hook of its Flask application comes before any route.
    if flask.has_app_context():
        flask.current_app.before_request(lambda: api(flask.request))


startup.finished()
