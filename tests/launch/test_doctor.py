"""Each check of `gst doctor`, shown a machine on which something is wrong."""

from __future__ import annotations

import errno
import sys
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pynvml
import pytest
import torch
from processes import PATIENCE

from gst.errors import InputError
from gst.launch import doctor
from gst.launch.checkout import Checkout
from gst.launch.doctor import Finding
from gst.launch.gpu import Gpu

CARD = Gpu("H200", "570.86.15", "12.8", 150 * 10**9, 149 * 10**9)


@pytest.fixture
def installed(monkeypatch):
    """Have packages in other versions; None for one that is not there."""
    real = metadata.version

    def install(**versions):
        def version(name):
            found = versions.get(name, ...)
            if found is None:
                raise metadata.PackageNotFoundError(name)
            return real(name) if found is ... else found

        monkeypatch.setattr(doctor.metadata, "version", version)

    return install


@pytest.fixture
def required(monkeypatch):
    """Have packages require others than they do."""
    real = metadata.requires

    def require(**lists):
        monkeypatch.setattr(doctor.metadata, "requires", lambda name: lists.get(name) or real(name))

    return require


def only(found):
    (finding,) = found
    return finding


class TestPython:
    def test_this_one_will_do(self):
        assert only(doctor.python()).status == "ok"

    @pytest.mark.parametrize(
        ("version", "status"), [("3.10.14", "fail"), ("3.11.0", "ok"), ("3.14.0", "fail")]
    )
    def test_others(self, version, status, monkeypatch):
        monkeypatch.setattr(doctor.platform, "python_version", lambda: version)
        found = only(doctor.python())
        assert (found.status, found.found, bool(found.remedy)) == (status, version, status == "fail")


class TestInstallation:
    @pytest.mark.parametrize(
        ("checkout", "status", "said"),
        [
            (Checkout(None, None), "ok", ", not a git checkout"),
            (Checkout("0123456789abcdef", False), "ok", ", commit 0123456789ab"),
            (Checkout("0123456789abcdef", True), "warn", ", commit 0123456789ab with changed files"),
        ],
    )
    def test_says_the_commit(self, checkout, status, said, monkeypatch, tmp_path):
        monkeypatch.setattr("gst.launch.checkout.checkout_of_gst", lambda: checkout)
        monkeypatch.setattr("gst.launch.checkout.package", lambda: tmp_path / "gst")
        found = only(doctor.installation())
        assert (found.status, found.found) == (status, metadata.version("gst") + said)
        assert bool(found.remedy) == (status == "warn")

    def test_a_checkout_that_git_does_not_tell_of_is_no_wheel(self, monkeypatch, tmp_path):
        (tmp_path / ".git").mkdir()
        monkeypatch.setattr("gst.launch.checkout.package", lambda: tmp_path / "gst")
        monkeypatch.setattr("gst.launch.checkout.checkout_of_gst", lambda: Checkout(None, None))
        found = only(doctor.installation())
        assert found.status == "warn"
        assert found.found.endswith(", commit not checked: git does not tell it")
        assert f"safe.directory {tmp_path}" in found.remedy


class TestPackages:
    def test_here_all_are_there(self):
        assert [(it.check, it.status) for it in doctor.packages()] == [("packages", "ok"), ("Ray", "ok")]

    def test_what_is_missing_or_too_old_is_named(self, installed):
        installed(alembic=None, plotly="5.0.0", ray="2.41.0", torch="1.0")
        packages, ray = doctor.packages()
        assert packages.found == "alembic is not installed; plotly is 5.0.0, and has to be >=6.1"
        assert (packages.status, ray.status) == ("fail", "fail")
        assert ray.found == "ray is 2.41.0, and has to be <3,>=2.52"
        assert "pip install" in packages.remedy
        assert "pip install" in ray.remedy

    def test_without_metadata_nothing_is_known_to_be_there(self, monkeypatch):
        def requires(name):
            raise metadata.PackageNotFoundError(name)

        monkeypatch.setattr(doctor.metadata, "requires", requires)
        found = only(doctor.packages())
        assert (found.status, found.found[:12]) == ("warn", "not checked:")

    def test_optional_ones_are_not_asked_for(self, required, installed):
        required(gst=["alembic", 'selenium>=999; extra == "dev"', 'nonsense; python_version < "3"'])
        assert next(doctor.packages()).status == "ok"


class TestTorch:
    def test_the_pair_that_is_here(self):
        found = only(doctor.torch_pair())
        assert found.status == "ok"
        assert torch.__version__ in found.found

    def test_a_pair_that_does_not_belong_together(self, required):
        required(torchvision=["torch==2.8.0", "numpy"])
        found = only(doctor.torch_pair())
        assert found.status == "fail"
        assert (
            found.found
            == f"torchvision needs another: torch is {metadata.version('torch')}, and has to be ==2.8.0"
        )
        assert "pair that was released together" in found.remedy

    def test_none_at_all(self, installed):
        installed(torchvision=None)
        assert only(doctor.torch_pair()).found == "torchvision is not installed"

    def test_one_that_cannot_be_imported(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "torchvision", None)
        found = only(doctor.torch_pair())
        assert (found.status, found.found[:20]) == ("fail", "cannot be imported: ")


class TestGpu:
    @pytest.fixture
    def machine(self, monkeypatch):
        def make(cards, usable, built="12.8"):
            monkeypatch.setattr("gst.launch.gpu.gpus", lambda: cards)
            monkeypatch.setattr(torch.cuda, "is_available", lambda: bool(usable))
            monkeypatch.setattr(torch.cuda, "device_count", lambda: usable)
            monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: "A Card")
            monkeypatch.setattr(torch.version, "cuda", built)
            monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

        return make

    def test_none(self, machine):
        machine((), 0)
        assert only(doctor.gpu()) == Finding("GPU", "ok", "none: runs train on the CPU")

    def test_two(self, machine):
        machine((CARD, CARD), 2)
        first, second = doctor.gpu()
        assert (first.check, second.check, first.status) == ("GPU 0", "GPU 1", "ok")
        assert first.found == "H200, 149 of 150 GB free, driver 570.86.15, CUDA 12.8"

    @pytest.mark.parametrize(
        ("built", "visible", "remedy"),
        [
            (None, None, "built for the CPU"),
            ("13.2", None, "needs CUDA 13.2, the driver serves up to 12.8"),
            ("12.8", "", "CUDA_VISIBLE_DEVICES is ''"),
        ],
    )
    def test_one_that_torch_cannot_use(self, machine, monkeypatch, built, visible, remedy):
        machine((CARD,), 0, built)
        if visible is not None:
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        _, found = doctor.gpu()
        assert found.status == "warn"
        assert remedy in found.remedy

    @pytest.mark.parametrize(
        ("raised", "status", "said"),
        [
            (pynvml.NVML_ERROR_LIBRARY_NOT_FOUND, "ok", "none: runs train on the CPU"),
            (pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH, "warn", "not checked: NVML does not answer ("),
        ],
    )
    def test_a_library_that_is_not_there_is_told_from_one_that_fails(
        self, machine, monkeypatch, raised, status, said
    ):
        def refuse():
            raise pynvml.NVMLError(raised)

        machine((), 0)
        monkeypatch.setattr(pynvml, "nvmlInit", refuse)
        found = only(doctor.gpu())
        assert (found.status, found.found[: len(said)]) == (status, said)

    def test_one_that_nvml_does_not_know(self, machine):
        machine((), 1)
        assert only(doctor.gpu()).found == "1, the first is A Card; NVML does not answer"


class TestSpace:
    @pytest.mark.parametrize(
        ("free", "status"), [(10**11, "ok"), (4 * 10**9, "warn"), (10**8, "fail")], ids=str
    )
    def test_one_disk_is_one_finding(self, tmp_path, monkeypatch, free, status):
        monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
        found = only(doctor.space({"the store": tmp_path, "data": tmp_path / "not" / "yet"}))
        assert found.status == status
        assert found.found == f"{free / 1e9:.1f} GB free for the store, data"
        assert bool(found.remedy) == (status != "ok")

    def test_a_disk_that_cannot_be_asked_hides_no_other(self, tmp_path, monkeypatch):
        def usage(path):
            if path == tmp_path:
                raise PermissionError(errno.EACCES, "Permission denied", str(path))
            return SimpleNamespace(free=10**11)

        monkeypatch.setattr(doctor.shutil, "disk_usage", usage)
        lost, found = doctor.space({"data": tmp_path, "the store": Path("/")})
        assert (lost.status, found.status) == ("warn", "ok")
        assert lost.found.startswith("not checked for data: [Errno 13] Permission denied")

    def test_disks_are_told_apart(self, tmp_path):
        assert len(list(doctor.space({"here": tmp_path, "there": Path("/proc")}))) == 2

    def test_the_nearest_folder_that_exists(self, tmp_path):
        assert doctor.existing(tmp_path) == tmp_path
        (tmp_path / "file").write_text("")
        assert doctor.existing(tmp_path / "file" / "x") == tmp_path


def test_a_browser_draws_pictures_or_is_asked_for(monkeypatch):
    from choreographer.browsers.chromium import Chromium

    for path, status in (("/usr/bin/chromium", "ok"), (None, "warn")):
        monkeypatch.setattr(Chromium, "find_browser", lambda *, skip_local, path=path: path)
        found = only(doctor.browser())
        assert (found.status, bool(found.remedy)) == (status, status == "warn")


@pytest.mark.parametrize(
    ("error", "said"),
    [(InputError("x: is not there"), "x: is not there"), (KeyError("x"), "not checked: KeyError: 'x'")],
)
def test_a_check_that_breaks_off_is_a_finding(error, said):
    def broken():
        yield Finding("part", "ok", "so far so good")
        raise error

    found = only(doctor.findings("whole", broken))
    assert (found.check, found.status, found.found) == ("whole", "fail", said)


@pytest.mark.slow
def test_a_ray_of_this_machine_comes_up():
    import subprocess

    script = "from gst.launch.doctor import ray_starts; print(*ray_starts())"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.stdout.startswith("Finding(check='Ray starts', status='ok', found='in "), done.stderr
