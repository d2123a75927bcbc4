"""Which cluster a sweep goes to, and how Ray is prepared before it is imported."""

import os
from pathlib import Path

import pytest

from gst.errors import InputError
from gst.launch.environment import LOCAL, SETTINGS, cluster_address, prepare


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment without any word about Ray, and an empty home, which is returned."""
    for name in [name for name in os.environ if name.startswith(("RAY_", "TUNE_"))]:
        monkeypatch.delenv(name)
    # Whatever `prepare` sets is undone after the test.
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    return tmp_path


def test_the_address_given_wins_over_the_environment_and_that_over_a_cluster_of_our_own(bare, monkeypatch):
    assert cluster_address(None, "sweep x.yaml") == LOCAL
    os.environ["RAY_ADDRESS"] = "10.0.0.1:6379"
    assert cluster_address(None, "sweep x.yaml") == "10.0.0.1:6379"
    assert cluster_address("auto", "sweep x.yaml") == "auto"


@pytest.mark.parametrize("given", [True, False])
def test_ray_client_is_refused_with_the_command_that_works(bare, given):
    os.environ["RAY_ADDRESS"] = "ray://head:10001"
    with pytest.raises(InputError) as refusal:
        cluster_address("ray://head:10001" if given else None, "sweep sweeps/x.yaml")
    assert "ray job submit --working-dir . -- gst sweep sweeps/x.yaml --address auto" in str(refusal.value)


def test_a_cluster_of_our_own_has_a_token_that_no_file_holds_and_no_other_cluster_shares(bare):
    prepare(LOCAL)
    first = os.environ.pop("RAY_AUTH_TOKEN")
    assert os.environ.pop("RAY_AUTH_MODE") == "token"
    prepare(LOCAL)
    assert len(first) == 64
    assert os.environ["RAY_AUTH_TOKEN"] != first
    assert list(bare.iterdir()) == []


def test_a_running_cluster_is_given_the_token_that_the_user_keeps_and_none_that_we_made_up(bare):
    prepare("auto")
    assert "RAY_AUTH_MODE" not in os.environ
    assert "RAY_AUTH_TOKEN" not in os.environ
    (bare / ".ray").mkdir()
    (bare / ".ray" / "auth_token").write_text("secret")
    prepare("auto")
    assert os.environ["RAY_AUTH_MODE"] == "token"
    assert "RAY_AUTH_TOKEN" not in os.environ


def test_what_the_user_has_set_stays(bare):
    os.environ.update(RAY_AUTH_MODE="disabled", RAY_USAGE_STATS_ENABLED="1")
    prepare(LOCAL)
    assert os.environ["RAY_AUTH_MODE"] == "disabled"
    assert "RAY_AUTH_TOKEN" not in os.environ
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "1"
    assert {name: os.environ[name] for name in SETTINGS} == SETTINGS | {"RAY_USAGE_STATS_ENABLED": "1"}
