"""Where and with what a trial ran."""

from __future__ import annotations

import os
import platform
import subprocess
from types import SimpleNamespace

import pytest
import torch

from gst.launch import provenance as module
from gst.launch.provenance import peak_memory, provenance

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A folder with a `gst` in it, and what a process that imports that one says of its commit."""
    (tmp_path / "gst").mkdir()
    (tmp_path / "gst" / "__init__.py").write_text("")
    monkeypatch.setattr(module, "gst", SimpleNamespace(__file__=str(tmp_path / "gst" / "__init__.py")))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)

    def reported():
        module._checkout.cache_clear()
        return module._checkout()

    yield tmp_path, reported
    module._checkout.cache_clear()


def git(folder, *arguments):
    name = ["-c", "user.name=me", "-c", "user.email=me@host"]
    done = subprocess.run(
        ["git", "-C", folder, *name, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_on_the_cpu(monkeypatch):
    found = provenance(CPU)
    assert (found.pid, found.device, found.python) == (os.getpid(), "cpu", platform.python_version())
    assert found.torch == torch.__version__
    assert found.deterministic
    assert (found.gpu, found.gpu_driver, found.cuda) == (None, None, None)


def test_on_a_gpu(monkeypatch, tmp_path):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "A Card")
    monkeypatch.setattr(torch.version, "cuda", "13.2")
    monkeypatch.setattr(module, "DRIVER", tmp_path / "version")
    assert provenance(CUDA).gpu_driver is None
    (tmp_path / "version").write_text(
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024\n"
        "GCC version:  gcc version 12.2.0\n"
    )
    found = provenance(CUDA)
    assert (found.device, found.gpu, found.gpu_driver, found.cuda) == ("cuda", "A Card", "550.54.15", "13.2")
    assert not found.deterministic


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


def test_peak_memory_is_in_bytes():
    before = peak_memory(CPU)
    held = torch.ones(50_000_000 // 4 + before // 4)  # more than ever before
    assert before + 20_000_000 < peak_memory(CPU) < 10 * (before + held.nbytes)
