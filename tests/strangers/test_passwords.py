"""Passwords of databases, however they are written: no message has a part of one."""

import pytest
from typer.testing import CliRunner

from gst.cli import app
from gst.errors import StoreError
from gst.store import Store
from gst.store.connect import parsed
from gst.store.password import masked

AT = "127.0.0.1:1/db"
MASKED = {
    f"postgresql://gst:SECRET@{AT}": f"postgresql://gst:***@{AT}",
    f"postgresql://gst:SECRET@PART@{AT}": f"postgresql://gst:***@{AT}",
    f"postgresql://gst:SECRET/PART@{AT}": f"postgresql://gst:***@{AT}",
    f"postgresql://gst:SECRET#PART@{AT}": f"postgresql://gst:***@{AT}",
    f"postgresql://gst:SECRET?PART@{AT}": f"postgresql://gst:***@{AT}",
    f"postgresql://gst:SECRET:PART@{AT}": f"postgresql://gst:***@{AT}",
    f"postgresql://gst:SECRET%40PART@{AT}": f"postgresql://gst:***@{AT}",
    f"postgresql://gst:SECRET PART@{AT}": f"postgresql://gst:***@{AT}",
    f"postgresql://gst:SECRET\nPART@{AT}": f"postgresql://gst:***@{AT}",
    f"postgresql://gst@corp:SECRET@{AT}": f"postgresql://gst@corp:***@{AT}",
    f"postgresql:gst:SECRET@{AT}": f"postgresql:gst:***@{AT}",
    f"postgresql:/gst:SECRET@{AT}": f"postgresql:/gst:***@{AT}",
    f"postgresql//gst:SECRET@{AT}": f"postgresql//gst:***@{AT}",
    f"postgresql:///gst:SECRET@{AT}": f"postgresql:///gst:***@{AT}",
    f"gst:SECRET@{AT}": f"gst:***@{AT}",
    f"postgresql://:SECRET@{AT}": f"postgresql://:***@{AT}",
    f"PostgreSQL://gst:SECRET@{AT}": f"PostgreSQL://gst:***@{AT}",
    f"postgresql+asyncpg://gst:SECRET@{AT}": f"postgresql+asyncpg://gst:***@{AT}",
    f"postgresql://gst:SECRET@127.0.0.1,{AT}": f"postgresql://gst:***@127.0.0.1,{AT}",
    "postgresql://gst:SECRET@127.0.0.1:port/db": "postgresql://gst:***@127.0.0.1:port/db",
    "postgresql://gst:SECRET@[::1/db": "postgresql://gst:***@[::1/db",
    "sqlite://gst:SECRET@/x.db": "sqlite://gst:***@/x.db",
    f"mysql://gst:SECRET@{AT}": f"mysql://gst:***@{AT}",
    f"postgresql://{AT}?PASSWORD=SECRET": f"postgresql://{AT}?PASSWORD=***",
    f"postgresql://{AT}?password=SECRET&PART": f"postgresql://{AT}?password=***",
    f"postgresql://{AT}?password=SECRET@PART": f"postgresql://{AT}?password=***",
    f"postgresql://{AT}?user=gst;password=SECRET": f"postgresql://{AT}?user=gst;password=***",
    f"postgresql://{AT}?pass%77ord=SECRET": f"postgresql://{AT}?pass%77ord=***",
    f"jdbc:postgresql://{AT}?user=gst&password=SECRET": f"jdbc:postgresql://{AT}?user=gst&password=***",
    "host=127.0.0.1 port=1 password=SECRET": "host=127.0.0.1 port=1 password=***",
    "password='SECRET PART' host=127.0.0.1 port=1": "password=*** host=127.0.0.1 port=1",
}
OPEN = [f"postgresql://gst@{AT}", "postgresql:///db", "sqlite:////tmp/a.db", "/tmp/a=b.db", "s3://bucket/a=1"]


def assert_hidden(text):
    assert "SECRET" not in text
    assert "PART" not in text


@pytest.mark.parametrize(("given", "shown"), MASKED.items())
def test_a_password_in_any_form_is_masked(given, shown):
    assert masked(given) == shown


@pytest.mark.parametrize("given", MASKED)
def test_no_message_about_a_store_has_a_part_of_its_password(given):
    with pytest.raises(StoreError) as caught:
        Store.open(given)
    assert_hidden(str(caught.value))


@pytest.mark.parametrize("given", MASKED)
def test_no_command_shows_a_part_of_a_password(given, monkeypatch):
    monkeypatch.setenv("GST_DB_URL", given)
    for command in (["version"], ["status"], ["db", "check"]):
        done = CliRunner().invoke(app, command)
        assert done.exit_code in (0, 1, 2), done.output
        assert_hidden(done.output)


@pytest.mark.parametrize("given", OPEN)
def test_what_has_no_password_is_shown_as_it_is(given):
    assert masked(given) == given


@pytest.mark.parametrize(
    "given", [f"postgresql:gst@{AT}", f"postgresql//{AT}", "host=h dbname=d", "password=x host=h"]
)
def test_an_address_that_is_no_url_is_not_taken_for_a_file(given):
    with pytest.raises(StoreError, match=r"is not a database URL; give a file, such as gst\.db or sqlite"):
        parsed(given)


def test_an_at_sign_in_a_password_is_asked_to_be_encoded():
    with pytest.raises(StoreError, match="in a password it is written %40"):
        parsed(f"postgresql://gst:a@b@{AT}")
    assert parsed(f"postgresql://gst:a%40b@{AT}").password == "a@b"
