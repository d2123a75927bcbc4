"""gst sweep --notify: which URLs are taken, that none is shown, and what a place really gets."""

from __future__ import annotations

import http.server
import json
import logging
import re
import sys
import threading

import pytest

from gst.cli.news import Notice
from gst.cli.notify import places
from gst.errors import InputError
from gst.launch import attempt

SECRET = "hunter2"


@pytest.fixture
def listener():
    """A place that takes JSON: its URL, and what it was sent."""
    sent = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            sent.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"json://user:{SECRET}@127.0.0.1:{server.server_port}/{SECRET}", sent
        server.shutdown()


@pytest.fixture
def nowhere():
    """A URL where nobody listens."""
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        port = server.server_port
    return f"json://user:{SECRET}@127.0.0.1:{port}/{SECRET}?cto=2&rto=2"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"{SECRET}", r"URL 1 has no service: expected SERVICE://"),
        (f"slck://{SECRET}", r"URL 1: no service 'slck'; did you mean 'slack'"),
        (f"slack://{SECRET}/{SECRET}", r"URL 1 \(slack://\*\*\*\) is not a URL that apprise can use"),
        (f"https://example.com/{SECRET}", r"URL 1 \(https://\*\*\*\) is not a URL that apprise can use"),
        ("", "URL 1 has no service"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_before_anything_runs(refused, folder, url, said):
    message = refused("sweep", "tiny.yaml", "--local", "--notify", url)
    assert re.search(said, message)
    assert SECRET not in message
    assert not (folder / "gst.db").exists()


def test_the_variable_has_several_and_is_checked_too(refused, monkeypatch):
    monkeypatch.setenv("GST_NOTIFY", f"json://127.0.0.1/{SECRET} nonsense://{SECRET}")
    message = refused("sweep", "tiny.yaml", "--local", "--dry-run")
    assert "--notify: URL 2: no service 'nonsense'" in message
    assert SECRET not in message


def test_without_apprise_its_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(
        InputError, match=r"pip install apprise, or install gst with its extra: gst\[notify\]"
    ):
        places(["json://127.0.0.1"])
    assert places([]) == ()


def test_a_notice_arrives_as_it_is(listener):
    url, sent = listener
    (place,) = places([url])
    assert place.takes(Notice("warning", "a title", "one <b>line</b>\nand `another`, naïve"))
    (found,) = sent
    assert (found["title"], found["message"]) == ("a title", "one <b>line</b>\nand `another`, naïve")
    assert found["type"] == "warning"


def test_a_place_keeps_its_secrets(nowhere, caplog):
    (place,) = places([nowhere])
    with caplog.at_level(logging.DEBUG):
        assert not place.takes(Notice("info", "title", "text"))
    assert place.name == "notification 1 (json://***)"
    assert SECRET not in repr(place)
    assert SECRET not in caplog.text


@pytest.mark.slow
def test_a_sweep_tells_that_it_is_complete(gst, folder, listener):
    url, sent = listener
    result = gst("sweep", "tiny.yaml", "--local", "--notify", url)
    assert result.exit_code == 0, result.output
    (told,) = sent
    assert (told["type"], told["title"]) == ("success", "gst: tiny is complete")
    assert re.fullmatch(r"4/4 runs completed\.\nIt took .+ on .+\.", told["message"])
    assert SECRET not in result.output
    again = gst("sweep", "tiny.yaml", "--local", "--notify", url)
    assert (again.exit_code, len(sent)) == (0, 1)  # nothing was left to do


@pytest.mark.slow
def test_a_sweep_tells_of_runs_that_fail(gst, folder, listener, monkeypatch):
    def train(state):
        raise RuntimeError("broken on purpose")

    url, sent = listener
    monkeypatch.setattr(attempt, "train", train)
    monkeypatch.setenv("GST_NOTIFY", url)
    result = gst("sweep", "tiny.yaml", "--local")
    assert result.exit_code == 3
    told = sent[-1]
    assert (told["type"], told["title"]) == ("failure", "gst: tiny ended, and is not complete")
    assert (
        "4 failed.\nThe same command carries on, with --retry-failed also with what failed."
        in told["message"]
    )
    together = "\n".join(it["message"] for it in sent)
    assert re.search(r"No Pruning, seed 0 \([0-9a-f]{12}\) failed: RuntimeError: broken on purpose", together)


@pytest.mark.slow
def test_a_sweep_that_is_stopped_tells_it(gst, folder, listener, monkeypatch):
    def train(state):
        raise KeyboardInterrupt

    url, sent = listener
    monkeypatch.setattr(attempt, "train", train)
    result = gst("sweep", "tiny.yaml", "--local", "--notify", url)
    assert result.exit_code != 0
    assert [it["title"] for it in sent] == ["gst: tiny was stopped"]
    assert "0/4 runs completed, 4 waiting." in sent[0]["message"]


@pytest.mark.slow
def test_a_notice_that_cannot_be_sent_is_one_warning_and_fails_nothing(gst, folder, nowhere):
    result = gst("sweep", "tiny.yaml", "--local", "--verbose", "--notify", nowhere)
    assert result.exit_code == 0, result.output
    quiet = gst("sweep", "tiny.yaml", "--local", "--seeds", "3", "--notify", nowhere)
    assert quiet.exit_code == 0
    said = "gst: notification 1 (json://***) did not take a notice (gst: tiny is complete)\n"
    assert quiet.stderr.count(said) == 1
    assert SECRET not in result.output + quiet.output
