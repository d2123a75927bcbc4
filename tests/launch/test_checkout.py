"""Which commit a process has imported."""

from __future__ import annotations

import os
import subprocess
from types import SimpleNamespace

import pytest

from gst.launch import checkout as module


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A folder with a `gst` in it, and what a process that imports that one says of its commit."""
    (tmp_path / "gst").mkdir()
    (tmp_path / "gst" / "__init__.py").write_text("")
    monkeypatch.setattr(module, "gst", SimpleNamespace(__file__=str(tmp_path / "gst" / "__init__.py")))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)

    def reported():
        module.checkout_of_gst.cache_clear()
        return module.checkout_of_gst()

    yield tmp_path, reported
    module.checkout_of_gst.cache_clear()


def git(folder, *arguments):
    name = ["-c", "user.name=me", "-c", "user.email=me@host"]
    done = subprocess.run(
        ["git", "-C", folder, *name, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_commit_of_a_clean_and_of_a_changed_checkout(checkout):
    folder, reported = checkout
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    head = git(folder, "rev-parse", "HEAD")
    assert reported() == (head, False)
    (folder / "notes.txt").write_text("of no consequence to what is imported")
    assert reported() == (head, False)
    (folder / "gst" / "__init__.py").write_text("changed = True")
    assert reported() == (head, True)


def test_what_is_no_checkout_has_no_commit_though_a_folder_above_may_be_one(checkout):
    folder, reported = checkout
    assert reported() == (None, None)
    (folder / ".git").write_text("gitdir: nowhere")
    assert reported() == (None, None)
