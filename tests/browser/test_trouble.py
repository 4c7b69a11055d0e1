"""Refused uploads, a lost connection, a busy or slow server, a photo that is gone: the page reports them and
offers a way on."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
import requests
from google.cloud import storage
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError
from playwright.sync_api import expect

from tests.browser.line import Line
from tests.browser.relay import Relay
from tests.browser.visitor import PHONE, WAIT_MS, Held, Visitor, heavy_jpeg, jpeg

SOME_PERCENT = re.compile("[1-9][0-9]?%")
UNREACHABLE = "MemeGen can’t be reached. Check your connection, then try again."
BUSY = "The server is busy. Wait a moment, then try again."
TOO_MANY_REQUESTS = "Too many requests came from your network. Wait a minute, then try again."
UPLOAD_FAILED = (
    "The photo did not get through, even at the second try. Check your connection, then try again."
)
SLOW = "The meme isn’t ready after two minutes. It may still come: keep waiting, or try another photo."
GONE = "This meme is gone: it was deleted, its time is over, or its photo never arrived. Make a new one."


def altered_signature(answer: dict[str, Any]) -> None:
    url = answer["upload"]["url"]
    answer["upload"]["url"] = url[:-1] + ("0" if url[-1] != "0" else "1")


def other_content_type(answer: dict[str, Any]) -> None:
    answer["upload"]["headers"]["Content-Type"] = "image/png"


def refused_status(visitor: Visitor, data: bytes) -> int:
    """The storage's answer to the page's first PUT, asked again outside of the browser."""
    [request, *_] = visitor.asked("PUT", visitor.stack.uploads_url)
    headers = {
        name: value for name, value in request.headers.items() if name.startswith(("content-type", "x-goog"))
    }
    return requests.put(request.url, data=data, headers=headers, timeout=30).status_code


@pytest.mark.parametrize("change", [altered_signature, other_content_type])
def test_refused_link_is_replaced_by_a_fresh_one(visitor, change):
    visitor.answer_upload_links(change, times=1)
    visitor.make_meme()
    assert visitor.links() == visitor.puts() == 2
    assert refused_status(visitor, jpeg()) == 403


def test_expired_link_is_replaced_by_a_fresh_one(visitor, stack):
    def expired(answer: dict[str, Any]) -> None:
        signer = storage.Client.from_service_account_json(stack.account_file("signing"))
        photo_id, n = answer["id"].rsplit("-", 1)
        blob = signer.bucket(stack.uploads_bucket).blob(f"web/{photo_id}/{n}")
        headers = answer["upload"]["headers"]
        answer["upload"]["url"] = blob.generate_signed_url(
            version="v4",
            expiration=timedelta(seconds=1),
            method="PUT",
            headers={name: value for name, value in headers.items() if name != "Content-Type"},
            content_type=headers["Content-Type"],
            bucket_bound_hostname=stack.uploads_url,
        )
        time.sleep(2.1)

    visitor.answer_upload_links(expired, times=1)
    visitor.make_meme()
    assert visitor.links() == visitor.puts() == 2
    assert refused_status(visitor, jpeg()) == 400


def test_upload_refused_twice_is_reported_and_can_be_tried_again(visitor):
    visitor.answer_upload_links(altered_signature)
    visitor.choose(jpeg())
    visitor.sees_failure(UPLOAD_FAILED)
    assert visitor.links() == visitor.puts() == 2
    visitor.page.unroute(f"{visitor.stack.api_url}/uploads")
    visitor.press("Try again")
    visitor.sees_meme()


def put_beforehand(data: bytes):
    """The photo gets there on another way than the page's PUT, as from a try whose answer was lost."""

    def change(answer: dict[str, Any]) -> None:
        upload = answer["upload"]
        requests.put(upload["url"], data=data, headers=upload["headers"], timeout=30).raise_for_status()

    return change


def test_photo_that_is_there_already_is_not_sent_again(visitor):
    visitor.answer_upload_links(put_beforehand(jpeg()))
    visitor.make_meme()
    assert visitor.links() == visitor.puts() == 1
    assert refused_status(visitor, jpeg()) == 412


def test_upload_whose_answer_was_lost_goes_on(visitor):
    visitor.answer_upload_links(put_beforehand(jpeg()))
    visitor.page.route(
        f"{visitor.stack.uploads_url}/**",
        lambda route: route.abort() if route.request.method == "PUT" else route.continue_(),
    )
    visitor.make_meme()
    assert visitor.links() == visitor.puts() == 1


def test_progress_is_shown_and_so_is_a_connection_that_is_lost(launch, stack):
    with Relay(stack.ports.uploads) as relay:
        browser = launch(f"--host-resolver-rules=MAP localhost:{stack.ports.uploads} 127.0.0.1:{relay.port}")
        page = browser.new_page(viewport=PHONE)
        visitor = Visitor(page, stack)
        visitor.visit()
        line = Line(page)
        visitor.choose(heavy_jpeg())
        progress = page.get_by_role("progressbar", name="Photo sent")
        expect(page.locator("#percent")).to_have_text(SOME_PERCENT, timeout=WAIT_MS)
        assert 0 < progress.evaluate("bar => bar.value") < 100
        assert visitor.said[1] == "Sending the photo…"
        visitor.keep_picture("phone-light-sending")
        relay.hold()  # else Chromium, taken offline, sends the rest at once and to the end
        line.connect(offline=True)
        relay.cut()
        visitor.sees_failure(UNREACHABLE)
        relay.restore()
        line.connect()
        visitor.press("Try again")
        visitor.sees_meme()
        assert visitor.puts() == 2
        browser.close()


def test_a_stalled_upload_is_given_up_and_sent_again(launch, stack):
    """The line takes nothing more, as in a tunnel, and no error tells the page. The clock is the test’s."""
    with Relay(stack.ports.uploads) as relay:
        browser = launch(f"--host-resolver-rules=MAP localhost:{stack.ports.uploads} 127.0.0.1:{relay.port}")
        visitor = Visitor(browser.new_page(viewport=PHONE), stack)
        visitor.page.clock.install()
        visitor.visit()
        Line(visitor.page)
        visitor.choose(heavy_jpeg())
        expect(visitor.page.locator("#percent")).to_have_text(SOME_PERCENT, timeout=WAIT_MS)
        relay.hold()
        # This machine takes the rest of the photo, and hands none of it on.
        expect(visitor.page.get_by_text("Sent. Waiting for the answer…")).to_be_visible(timeout=WAIT_MS)

        def let_the_next_pass(route: Any) -> None:
            relay.cut()
            relay.restore()
            route.continue_()

        visitor.page.route(f"{stack.api_url}/uploads", let_the_next_pass)
        visitor.page.clock.fast_forward(15_000)
        visitor.page.wait_for_timeout(300)
        assert visitor.puts() == 1
        visitor.page.clock.fast_forward(6_000)
        visitor.sees_meme()
        assert visitor.puts() == 2
        assert "MemeGen can’t be reached just now. Still trying…" in visitor.said
        browser.close()


def test_one_percentage_is_seen_while_a_photo_is_sent(visitor):
    Line(visitor.page)
    visitor.choose(heavy_jpeg())
    width = visitor.page.wait_for_function(
        """() => {
            const status = document.querySelector("#status");
            return status.textContent.endsWith("% sent") && status.getBoundingClientRect().width;
        }""",
        timeout=WAIT_MS,
    )
    assert width.json_value() <= 1  # for the ear: to the eye, the number beside the bar says it
    visitor.sees_meme()


def test_further_try_asks_first_whether_the_photo_got_there_after_all(visitor):
    """The answer to the PUT is lost, and so is the connection to the api."""
    visitor.answer_upload_links(put_beforehand(jpeg()))
    uploads, status = f"{visitor.stack.uploads_url}/**", f"{visitor.stack.api_url}/memes/*"
    for url in (uploads, status):
        visitor.page.route(url, lambda route: route.abort())
    visitor.choose(jpeg())
    visitor.sees_failure(UNREACHABLE)
    photo_id = visitor.id
    for url in (uploads, status):
        visitor.page.unroute(url)
    visitor.press("Try again")
    visitor.sees_meme()
    assert visitor.id == photo_id
    assert visitor.links() == visitor.puts() == 1


def test_photo_that_has_arrived_is_deleted_when_the_person_cancels(visitor, bucket):
    status = f"{visitor.stack.api_url}/memes/*"
    visitor.page.route(
        status,
        lambda route: (
            route.fulfill(json={"status": "working"}) if route.request.method == "GET" else route.continue_()
        ),
    )
    visitor.choose(jpeg())
    expect(visitor.page.get_by_text("Reading the faces")).to_be_visible(timeout=WAIT_MS)
    photo_id = visitor.id.rsplit("-", 1)[0]
    assert len(list(bucket("uploads").list_blobs(prefix=f"web/{photo_id}/"))) == 1
    visitor.press("Cancel")
    expect(visitor.page.get_by_role("status")).to_have_text("Cancelled. The photo is deleted.")
    visitor.sees_start()
    assert list(bucket("uploads").list_blobs(prefix=f"web/{photo_id}/")) == []


def test_cancelled_upload_leaves_nothing(visitor, bucket):
    Line(visitor.page)
    visitor.choose(heavy_jpeg())
    expect(visitor.page.locator("#percent")).to_have_text(SOME_PERCENT, timeout=WAIT_MS)
    photo_id = visitor.id.rsplit("-", 1)[0]
    visitor.press("Cancel")
    visitor.sees_start()
    expect(visitor.page.get_by_role("status")).to_have_text("Cancelled. The photo is deleted.")
    assert visitor.id == ""
    assert list(bucket("uploads").list_blobs(prefix=f"web/{photo_id}/")) == []


def test_back_during_an_upload_ends_it(visitor):
    visitor.make_meme()
    first_id = visitor.id
    Line(visitor.page)
    visitor.choose(heavy_jpeg(), button="New photo")
    expect(visitor.page.locator("#percent")).to_have_text(SOME_PERCENT, timeout=WAIT_MS)
    visitor.page.go_back()
    visitor.sees_meme()
    assert visitor.id == first_id
    expect(visitor.page.get_by_role("button", name="Cancel")).to_be_hidden()


def test_unreachable_api_is_reported(visitor):
    visitor.page.route(f"{visitor.stack.api_url}/**", lambda route: route.abort())
    visitor.choose(jpeg())
    visitor.sees_failure(UNREACHABLE)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(408, UNREACHABLE), (429, TOO_MANY_REQUESTS), (500, BUSY), (503, BUSY)],
    ids=["408", "429", "500", "503"],
)
def test_busy_server_is_reported(visitor, status: int, sentence: str):
    visitor.page.route(
        f"{visitor.stack.api_url}/uploads", lambda route: route.fulfill(status=status), times=1
    )
    visitor.choose(jpeg())
    visitor.sees_failure(sentence)
    visitor.press("Try again")
    visitor.sees_meme()


def test_a_photo_that_has_had_all_its_remixes_is_reported_and_keeps_its_meme(visitor):
    visitor.make_meme()
    refusal = {"status": 429, "code": "too-many-remixes"}
    visitor.page.route(
        f"{visitor.stack.api_url}/memes/*/remix", lambda route: route.fulfill(status=429, json=refusal)
    )
    alt = visitor.alt
    visitor.press("More captions")
    told = (
        "You have made 100 memes of this photo – thank you! That is all it can have. "
        "They stay here; send the photo again to go on."
    )
    expect(visitor.page.get_by_text(told)).to_be_visible(timeout=WAIT_MS)
    assert visitor.alt == alt
    with visitor.page.expect_download():
        visitor.press("Download")


def test_brief_error_while_the_meme_is_made_is_reported_and_waited_out(visitor):
    """Playwright asks the handler set last first: a busy server, a strict one, then a lost connection."""
    status = f"{visitor.stack.api_url}/memes/*"
    visitor.page.route(status, lambda route: route.abort(), times=1)
    visitor.page.route(status, lambda route: route.fulfill(status=429), times=1)
    visitor.page.route(status, lambda route: route.fulfill(status=503), times=1)
    visitor.make_meme()
    said = [sentence for sentence in visitor.said if sentence.endswith("Still trying…")]
    assert said == [
        "The server is busy. Still trying…",
        "Too many requests came from your network. Still trying…",
        "MemeGen can’t be reached just now. Still trying…",
    ]


def test_page_stops_asking_after_two_minutes_and_can_go_on(visitor):
    """The browser's clock is the test's. The page pauses 150 ms, then 1.4 times longer each time, up to 3 s:
    nine pauses make the first 7.4 s, 38 more the rest of the two minutes. Here up to 3 s go by
    for each of them, which makes it 40 at least."""
    status = f"{visitor.stack.api_url}/memes/*"
    visitor.page.clock.install()
    visitor.page.clock.pause_at(visitor.page.evaluate("Date.now()") + 1000)
    visitor.page.route(status, lambda route: route.fulfill(json={"status": "working"}))
    visitor.choose(jpeg())
    expect(visitor.page.get_by_text("Reading the faces")).to_be_visible(timeout=WAIT_MS)
    failure = visitor.page.get_by_role("heading", name="That didn’t work")
    while not failure.is_visible():
        try:
            with visitor.page.expect_response(status, timeout=10_000):
                visitor.page.clock.run_for(3000)
        except PlaywrightTimeoutError:
            # It gave up since it was looked at.
            break
    visitor.sees_failure(SLOW)
    assert 40 <= len(visitor.asked("GET", visitor.stack.api_url, "/memes/")) <= 49
    visitor.page.unroute(status)
    visitor.page.clock.resume()
    visitor.press("Keep waiting")
    visitor.sees_meme()
    assert visitor.puts() == 1


def test_hidden_tab_asks_nothing_until_it_is_seen_again(visitor):
    status = f"{visitor.stack.api_url}/memes/*"
    visitor.page.route(status, lambda route: route.fulfill(json={"status": "working"}))
    visitor.choose(jpeg())
    expect(visitor.page.get_by_text("Reading the faces")).to_be_visible(timeout=WAIT_MS)

    def show(visible: bool) -> None:
        visitor.page.evaluate(
            """hidden => {
                Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
                document.dispatchEvent(new Event("visibilitychange"));
            }""",
            not visible,
        )

    def asked() -> int:
        return len(visitor.asked("GET", visitor.stack.api_url, "/memes/"))

    show(visible=False)
    visitor.page.wait_for_timeout(1000)  # a request on its way may still go out
    before = asked()
    visitor.page.wait_for_timeout(4000)  # more than the longest pause
    assert asked() == before
    visitor.page.unroute(status)
    show(visible=True)
    visitor.sees_meme()
    assert asked() > before


def test_address_that_is_not_a_memes_is_reported(visitor):
    visitor.visit("#nonsense")
    visitor.sees_failure("This is not the address of a meme. Choose a photo.")
    visitor.choose(jpeg(), button="New photo")
    visitor.sees_meme()


def test_a_dead_link_is_called_dead_at_the_first_answer(visitor):
    visitor.visit(f"#{'A' * 22}-0")
    visitor.sees_failure(GONE)
    assert len(visitor.asked("GET", visitor.stack.api_url, "/memes/")) == 1
    assert visitor.said == []  # no word of a photo that is about to come
    expect(visitor.page.get_by_role("button", name="Try again")).to_be_hidden()
    visitor.choose(jpeg(), button="New photo")
    visitor.sees_meme()


def test_back_to_a_deleted_meme_says_so(visitor):
    visitor.make_meme()
    visitor.gets_more_captions()
    visitor.delete()
    visitor.sees_start()
    visitor.page.go_back()
    visitor.sees_failure(GONE)


def test_a_deletion_that_is_under_way_ends_and_is_told_though_the_person_presses_back(visitor, bucket):
    visitor.make_meme()
    visitor.gets_more_captions()
    photo_id = visitor.id.rsplit("-", 1)[0]
    deletion = Held(visitor.page, f"{visitor.stack.api_url}/memes/*", "DELETE")
    visitor.delete()
    expect(visitor.page.get_by_text("Deleting…")).to_be_visible()
    deletion.arrives()
    visitor.page.go_back()
    deletion.let_go()
    expect(visitor.page.get_by_role("status")).to_have_text(
        "The photo and everything made from it are deleted.", timeout=WAIT_MS
    )
    visitor.sees_start()
    assert visitor.id == ""
    assert list(bucket("uploads").list_blobs(prefix=f"web/{photo_id}/")) == []


def test_photo_that_is_gone_leaves_the_meme_in_sight(visitor, bucket):
    visitor.make_meme()
    bucket("uploads").delete_blob(f"web/{visitor.id.rsplit('-', 1)[0]}/0")
    problem = requests.post(f"{visitor.stack.api_url}/memes/{visitor.id}/remix", timeout=30)
    assert problem.status_code == 410
    visitor.press("More captions")
    expect(visitor.page.locator("#problem")).to_have_text(
        "The photo of this meme is no longer there: it was deleted, or its time is over. Send it again."
    )
    visitor.sees_meme()
    with visitor.page.expect_download():
        visitor.press("Download")
    expect(visitor.page.locator("#problem")).to_be_empty()
