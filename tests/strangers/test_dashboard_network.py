"""The dashboard where others reach it: who is answered, with which headers, and what a client can take."""

from __future__ import annotations

import contextlib
import http.client
import json
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from processes import PATIENCE
from serving import asked, serving
from stores import fill
from tradeoffs import HAND

from gst.dashboard import access, server
from gst.dashboard.access import given_token, host_names, is_local, names_of, opened_at
from gst.dashboard.app import create_app
from gst.dashboard.page import load_pages
from gst.dashboard.server import server_of
from gst.errors import InputError
from gst.paths import project_folder
from gst.store import Store

TOKEN = "a-token-of-somebody's-own"
FORM = "application/x-www-form-urlencoded"
UPDATE = "/_dash-update-component"
LOOK = json.dumps(
    {
        "output": "..version.data...store-problem.children...as-of.children..",
        "outputs": [
            {"id": "version", "property": "data"},
            {"id": "store-problem", "property": "children"},
            {"id": "as-of", "property": "children"},
        ],
        "inputs": [{"id": "tick", "property": "n_intervals", "value": 1}],
        "state": [{"id": "version", "property": "data", "value": ""}],
        "changedPropIds": [],
    }
).encode()


@pytest.fixture
def file(empty: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(empty, tmp_path / "gst.db"))


@pytest.fixture
def app(file: Path) -> Iterator:
    with Store.open(str(file), readonly=True) as store:
        yield create_app(store, load_pages([project_folder("dashboards")]))


@pytest.fixture
def port(app) -> Iterator[int]:
    """The port of a dashboard of this machine alone, without a token."""
    with serving(app) as found:
        yield found.port


@pytest.fixture(scope="module")
def asking(empty: Path) -> Iterator[int]:
    """The port of one that asks for the token."""
    with Store.open(str(empty), readonly=True) as store:
        app = create_app(store, load_pages([project_folder("dashboards")]))
        with serving(app, token=TOKEN, allowed=["gst.example"]) as found:
            yield found.port


def looked(port: int, **headers: str):
    return asked(port, UPDATE, method="POST", body=LOOK, content_type="application/json", **headers)


# Tokens.


def rules(app) -> list[str]:
    """An address for each rule of the application, and one that no rule has."""
    found = [str(rule) for rule in app.server.url_map.iter_rules()]
    return [*(rule.replace("<", "").replace(">", "").replace(":", "") for rule in found), "/no/such", "//x"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "TRACE", "X"])
def test_without_the_token_no_address_answers(app, asking, method):
    for path in rules(app):
        for cookie in ("", f"gst-dashboard-{asking}=x", f"gst-dashboard-{asking}={TOKEN}"):
            answer = asked(asking, path, method=method, cookie=cookie)
            assert answer.status == 401, path
            assert answer.headers["cache-control"] == "no-store"
            assert method == "HEAD" or "opens with a token" in answer.text
            assert TOKEN not in answer.text


def test_the_token_of_the_address_becomes_a_cookie(asking):
    entered = asked(asking, f"/figures/tradeoff?sweep=a+b&token={TOKEN}&accuracy=best&x=%26")
    assert entered.status == 303
    assert entered.headers["location"] == "/figures/tradeoff?sweep=a+b&accuracy=best&x=%26"
    name, *attributes = entered.headers["set-cookie"].split("; ")
    assert name.startswith(f"gst-dashboard-{asking}=")  # one for each port
    assert set(attributes) == {"HttpOnly", "Path=/", "SameSite=Lax"}
    assert TOKEN not in str(entered)
    assert asked(asking, "/", cookie=entered.cookie).status == 200
    assert asked(asking, "/assets/gst.css", cookie=f"other=1; {entered.cookie}").status == 200
    assert looked(asking, cookie=entered.cookie).status == 200
    # A browser that has the cookie and comes by an old link.
    again = asked(asking, "/?token=of-an-earlier-start", cookie=entered.cookie)
    assert (again.status, again.headers["location"]) == (303, "/")
    over = asked(asking, f"/?token={TOKEN}", x_forwarded_proto="https")
    assert "Secure" in over.headers["set-cookie"].split("; ")


@pytest.mark.parametrize(
    "given", ["x", TOKEN[:-1], f"{TOKEN}x", TOKEN.upper(), "%00", "%ff", "%C3%A9", "", "&token="]
)
def test_another_token_opens_nothing(asking, given):
    answer = asked(asking, f"/?token={given}")
    assert answer.status == 401
    assert "set-cookie" not in answer.headers


def test_the_token_can_be_entered_in_a_form(asking):
    page = asked(asking, "/runs?sweep=x").text
    assert '<form method="post">' in page
    assert 'name="token"' in page
    assert 'content="width=device-width, initial-scale=1"' in page
    origin = f"http://127.0.0.1:{asking}"
    wrong = asked(
        asking, "/runs?token=old", method="POST", body=b"token=wrong", content_type=FORM, origin=origin
    )
    assert wrong.status == 401
    assert "That is not the token" in wrong.text
    body = f"token={TOKEN.replace(chr(39), '%27')}".encode()
    right = asked(
        asking, "/runs?token=old&sweep=x", method="POST", body=body, content_type=FORM, origin=origin
    )
    assert (right.status, right.headers["location"]) == (303, "/runs?sweep=x")
    assert asked(asking, "/runs", cookie=right.cookie).status == 200


@pytest.mark.parametrize(
    "path", ["//evil.example/", "/\\evil.example", "/%2fevil.example", "//evil.example/%0d%0aX: 1"]
)
def test_a_token_leads_to_no_other_site(asking, path):
    entered = asked(asking, f"{path}?token={TOKEN}".replace(" ", "%20"))
    assert entered.status == 303
    assert entered.headers["location"][0] == "/"
    assert entered.headers["location"][1] not in "/\\"
    assert "x" not in entered.headers


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("short", "GST_DASHBOARD_TOKEN: expected a token of at least 16 characters, found 5"),
        ("with a space in it....", "without spaces"),
        ("with-ä-letter-of-Ulm..", "in ASCII"),
        ("with\x1ba-control-sign..", "in ASCII"),
    ],
)
def test_a_token_that_somebody_chose_is_checked(monkeypatch, value, message):
    monkeypatch.setenv("GST_DASHBOARD_TOKEN", value)
    with pytest.raises(InputError, match=message) as caught:
        given_token()
    assert value not in str(caught.value)


def test_a_token_comes_from_the_environment_or_a_file(monkeypatch, tmp_path):
    monkeypatch.delenv("GST_DASHBOARD_TOKEN", raising=False)
    assert given_token() is None
    monkeypatch.setenv("GST_DASHBOARD_TOKEN", TOKEN)
    assert given_token() == TOKEN
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}-2\n")
    monkeypatch.setenv("GST_DASHBOARD_TOKEN_FILE", str(file))
    with pytest.raises(InputError, match="both set"):
        given_token()
    monkeypatch.setenv("GST_DASHBOARD_TOKEN", "")
    assert given_token() == f"{TOKEN}-2"
    for content, message in ((b"\n", "found 0"), (b"\xff" * 20, "expected text"), (b"x" * 5000, "too large")):
        file.write_bytes(content)
        with pytest.raises(InputError, match=rf"GST_DASHBOARD_TOKEN_FILE: .*{message}"):
            given_token()
    file.unlink()
    with pytest.raises(InputError, match="cannot be read: No such file"):
        given_token()


# Names and origins.


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.2:8050", "[::1]:8050", "gst.example",
        "GST.example:443", "192.0.2.7:8050", "[2001:db8::1]",
    ],
)  # fmt: skip
def test_the_dashboard_answers_to_its_names_and_to_addresses(asking, host):
    assert asked(asking, host=host).status == 401


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:8050", "localhost.evil.example", "127.0.0.1.evil.example",
        "x@localhost", "localhost@evil.example", "localhost,evil.example", "a b", "", "[::1",
        "[evil.example]", "gst.example.", "0x7f.1", "127.1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", f"/?token={TOKEN}", "/assets/gst.css", "/no/such"])
def test_another_name_is_refused_before_anything_else(asking, host, path):
    answer = asked(asking, path, host=host)
    assert answer.status == 403
    assert answer.headers["content-type"].startswith("text/plain")
    assert "gst dashboard --allow-host NAME" in answer.text


def test_every_other_address_serves_by_its_own_names(app, monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "Box.lab")
    monkeypatch.setattr(socket, "getfqdn", lambda: "box.lab.example.org")
    own = {"box", "box.lab", "box.local", "box.lab.example.org"}
    assert names_of("0.0.0.0") == own | {"localhost", "0.0.0.0"}
    assert names_of("127.0.0.1") == {"localhost", "127.0.0.1"}
    assert opened_at("0.0.0.0") == opened_at("::") == "box.lab.example.org"
    assert [opened_at(it) for it in ("::1", "192.0.2.7", "box")] == ["[::1]", "192.0.2.7", "box"]
    monkeypatch.setattr(socket, "getfqdn", lambda: "localhost.localdomain")
    assert opened_at("0.0.0.0") == "Box.lab"
    with serving(app, "0.0.0.0", token=TOKEN) as found:
        for name, status in (("box", 401), ("BOX.lab:80", 401), ("box.example", 403)):
            assert asked(found.port, host=name).status == status


@pytest.mark.parametrize(
    "name", ["", "http://a.example", "a.example:80", "a.example/x", "u@a.example", "a b/"]
)
def test_a_name_to_allow_is_a_name_alone(name):
    with pytest.raises(
        InputError, match=r"--allow-host .*: expected a name alone, such as gst\.example\.org"
    ):
        host_names(["fine.example", name])
    assert host_names(["Fine.example"]) == {"fine.example"}


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:{port}", 200), ("https://gst.example", 200), ("https://gst.example:8443", 200),
        ("http://127.0.0.1:1", 403), ("http://localhost:{port}", 403), ("https://evil.example", 403),
        ("null", 403), ("", 403), ("file://", 403), ("http://127.0.0.1:{port}@evil.example", 403),
    ],
)  # fmt: skip
def test_only_the_dashboard_s_own_pages_may_send_forms(asking, origin, status):
    cookie = asked(asking, f"/?token={TOKEN}").cookie
    assert looked(asking, cookie=cookie, origin=origin.format(port=asking)).status == status
    assert asked(asking, cookie=cookie, origin=origin.format(port=asking)).status == 200  # a visit


# Writing.


WRITE = {
    "output": "..runs-many-done.data...runs-many-problem.children...runs-many-note.value..",
    "outputs": [
        {"id": "runs-many-done", "property": "data"},
        {"id": "runs-many-problem", "property": "children"},
        {"id": "runs-many-note", "property": "value"},
    ],
    "inputs": [
        {"id": f"runs-many-{verb}", "property": "n_clicks", "value": int(verb == "add")}
        for verb in ("add", "remove", "say")
    ],
    "changedPropIds": ["runs-many-add.n_clicks"],
}


@pytest.mark.parametrize(
    ("origin", "writes", "status"),
    [
        ("http://127.0.0.1:{port}", True, 200), ("https://gst.example", True, 200),
        (None, False, 200), ("https://evil.example", False, 403), ("null", False, 403),
        ("http://127.0.0.1:1", False, 403), ("http://localhost:{port}", False, 403),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["application/json", "text/plain", FORM])
def test_only_the_dashboard_s_own_pages_write(file, origin, writes, status, form):
    """With the cookie of somebody who may: what a page of another site has a browser send changes nothing."""
    with Store.open(str(file)) as editor, Store.open(str(file), readonly=True) as store:
        fill(editor, HAND)
        key = editor.query("SELECT key FROM runs ORDER BY run_id").rows[0][0]
        state = [
            {"id": "runs-many-tag", "property": "value", "value": "paper"},
            {"id": "runs-many-note", "property": "value", "value": None},
            {"id": "runs-run", "property": "data", "value": [key]},
        ]
        app = create_app(store, load_pages([project_folder("dashboards")]), editor=editor)
        with serving(app, token=TOKEN, allowed=["gst.example"]) as found:
            headers = {"cookie": asked(found.port, f"/?token={TOKEN}").cookie, "content_type": form}
            if origin is not None:
                headers["origin"] = origin.format(port=found.port)
            body = json.dumps(WRITE | {"state": state}).encode()
            answer = asked(found.port, UPDATE, method="POST", body=body, **headers)
            without = asked(found.port, UPDATE, method="POST", body=body, **headers | {"cookie": ""})
        assert editor.tags([key])[key] == (("paper",) if writes and form == "application/json" else ())
        assert without.status in (401, 403)
        if form == "application/json":
            assert answer.status == status
            assert ("own pages write" in answer.text) == (origin is None)


# Headers.


def test_every_answer_tells_browsers_what_they_may_do(app, port):
    answers = [asked(port, path) for path in rules(app)]
    answers += [asked(port, host="evil.example"), asked(port, method="DELETE"), looked(port)]
    answers += [asked(port, UPDATE, method="POST", body=b"{", content_type="application/json")]
    assert {200, 403, 404, 405} < {it.status for it in answers}
    for answer in answers:
        policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["script-src"].startswith("'self' 'sha256-")
        assert "unsafe" not in policy["script-src"]
        assert "http" not in answer.headers["content-security-policy"]
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["server"] == "gst"
    assert asked(port).headers["cache-control"] == "no-store"
    assert looked(port).headers["cache-control"] == "no-store"
    assert "no-store" not in asked(port, "/assets/gst.css").headers["cache-control"]


# Slow and hostile clients.


def sent(port: int, content: bytes) -> bytes:
    """What the server answers to those bytes until it closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        with contextlib.suppress(ConnectionError):  # it may close before it has taken all
            connection.sendall(content)
        return received(connection)


def received(connection: socket.socket) -> bytes:
    parts = []
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 TLS\r\n\r\n", b"400"),
        (b"GET /?token=SECRET HTTP/9.9 x\r\n\r\n", b"400"),
        (b"GET /?token=SECRET HTTP/3.0\r\n\r\n", b"505"),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: x\r\n" % i for i in range(10_000)) + b"\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", b"431"),
    ],
)
def test_what_is_no_request_is_answered_in_words_and_leaves_no_trace(port, capfd, content, status):
    answer = sent(port, content)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split()[1:2] == [status] or (not head and status in (b"414", b"431"))  # closed early
    if head:
        assert b"Server: gst\r\n" in head
        assert b"text/plain" in head
        assert b"<" not in body
    assert asked(port).status == 200
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_without_end_is_refused(port, capfd, chunked):
    size = 1 << 30
    head = f"POST {UPDATE} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    head += "Transfer-Encoding: chunked\r\n\r\n" if chunked else f"Content-Length: {size}\r\n\r\n"
    part = b"x" * (1 << 20)
    taken = 0
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(head.encode())
        with contextlib.suppress(ConnectionError):
            while taken < size:
                connection.sendall(b"%x\r\n%s\r\n" % (len(part), part) if chunked else part)
                taken += len(part)
    assert taken < 1 << 27  # what the kernel holds, beside what the server reads
    assert asked(port).status == 200
    assert capfd.readouterr().out == ""


def test_a_body_that_is_too_large_is_refused(port):
    body = b"x" * (access.LARGEST + 1)
    assert asked(port, UPDATE, method="POST", body=body, content_type="application/json").status == 413


def test_a_client_that_sends_a_byte_now_and_then_is_let_go(app, monkeypatch, capfd):
    monkeypatch.setattr(server, "SECONDS", 0.5)
    enough = threading.Event()
    with serving(app) as found, socket.create_connection(("127.0.0.1", found.port), timeout=PATIENCE) as slow:

        def drip() -> None:
            with contextlib.suppress(OSError):
                while not enough.wait(0.1):
                    slow.sendall(b"G")

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            assert received(slow) == b""  # closed by the server, however many bytes still come
        finally:
            enough.set()
            thread.join()
        assert asked(found.port).status == 200
    assert capfd.readouterr() == ("", "")


def test_a_client_that_takes_no_answer_is_let_go(app, monkeypatch, capfd):
    monkeypatch.setattr(server, "SECONDS", 0.5)
    monkeypatch.setattr(server, "CLIENTS", 1)
    app.server.add_url_rule("/endless", view_func=lambda: (b"x" * (1 << 20) for _ in range(1 << 10)))
    with serving(app) as found, socket.create_connection(("127.0.0.1", found.port), timeout=PATIENCE) as slow:
        slow.sendall(b"GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert asked(found.port).status == 200  # by the one thread that there is
    assert capfd.readouterr() == ("", "")


def test_many_connections_take_a_bounded_number_of_threads(app, monkeypatch):
    monkeypatch.setattr(server, "SECONDS", 1.0)
    before = threading.active_count()
    with serving(app) as found, contextlib.ExitStack() as held:
        for _ in range(server.CLIENTS + 100):  # the kernel queues a hundred and more
            held.enter_context(socket.create_connection(("127.0.0.1", found.port), timeout=PATIENCE))
        assert threading.active_count() <= before + 1 + server.CLIENTS
        assert asked(found.port).status == 200  # after those who say nothing


def test_an_answer_of_many_parts_arrives_whole(app):
    app.server.add_url_rule("/parts", view_func=lambda: (b"%07d\n" % i for i in range(20_000)))
    with serving(app) as found:
        text = asked(found.port, "/parts").text
    assert text == "".join(f"{i:07d}\n" for i in range(20_000))


def test_a_store_that_is_gone_is_told_to_whoever_asks(file, empty, port, capfd):
    assert looked(port).status == 200
    file.unlink()
    answer = looked(port)
    assert answer.status == 200
    assert "The store does not answer" in answer.text
    assert asked(port, "/runs").status == 200
    assert "Traceback" not in answer.text + capfd.readouterr().err
    shutil.copy(empty, file)
    assert "The store does not answer" not in looked(port).text


@pytest.mark.parametrize(
    ("host", "message"),
    [
        ("no.such.host.invalid", "no machine of that name is known"),
        ("a..b", "no machine of that name is known"),
        ("x" * 300, "no machine of that name is known"),
        ("203.0.113.1", "this machine has no such address"),
        ("http://localhost", "no machine of that name is known"),
        ("", "expected an address of this machine"),
    ],
)
def test_a_host_that_is_not_this_machine_is_one_message(app, host, message):
    with pytest.raises(InputError, match=message):
        server_of(app, host, 0)


@pytest.mark.parametrize("host", ["::1", "localhost"])
def test_every_address_of_this_machine_can_be_served(app, host):
    with serving(app, host) as found:
        connection = http.client.HTTPConnection(host, found.port, timeout=PATIENCE)
        connection.request("GET", "/assets/gst.css")
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        connection.close()
    assert is_local(host)
