"""Data sets as strangers have them: all of a file tree is read, or counted, or refused by name."""

from __future__ import annotations

import os
import shutil
import stat
import time
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from pictures import same, write_pictures
from PIL import Image
from tiny_sweep import TINY
from typer.testing import CliRunner

from gst.cli import app
from gst.config import DataConfig
from gst.data import batches, load_dataset
from gst.data.cache import DECODED
from gst.errors import DataError

COLOURS = {name: np.full((8, 8, 3), level, np.uint8) for name, level in {"a": 10, "b": 90, "c": 200}.items()}
PLAIN = {
    "train/cat/1.png": COLOURS["a"],
    "train/dog/1.png": COLOURS["b"],
    "train/dog/2.png": COLOURS["c"],
    "test/cat/1.png": COLOURS["c"],
    "test/dog/1.png": COLOURS["a"],
}


@pytest.fixture
def data(tmp_path, monkeypatch) -> Path:
    """A data folder, with pictures in the form that the documents name: `plain`."""
    monkeypatch.setattr("gst.paths.platformdirs.user_cache_dir", lambda _name: str(tmp_path / "user-cache"))
    folder = tmp_path / "data"
    write(folder / "plain")
    return folder


def write(folder: Path, pictures=PLAIN) -> Path:
    for name, pixels in pictures.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    return folder


def pack(folder: Path, rename: Callable[[str], str] = str, **others: bytes) -> Path:
    """The folder as a zip file beside it, its files under other names, and with other files."""
    path = folder.with_name("packed.zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.writestr(as_it_is(rename(file.relative_to(folder).as_posix())), file.read_bytes())
        for name, content in others.items():
            archive.writestr(as_it_is(name), content)
    return path


def as_it_is(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("x")
    info.filename = name
    return info


def load(folder: Path, name="folder"):
    return load_dataset(DataConfig(name=name, folder=folder.name), folder.parent)


def refusal(folder: Path, name="folder") -> str:
    with pytest.raises(DataError) as refused:
        load(folder, name)
    return str(refused.value)


class TestForms:
    """What is accepted has the content of the plain form."""

    @pytest.mark.parametrize(
        "rename",
        [
            str,
            lambda name: f"pets/{name}",
            lambda name: f"download/pets-master/{name}",
            lambda name: f"./{name}",
            lambda name: name.replace("/", "\\"),
            lambda name: f"pets\\{name}".replace("/", "\\"),
            lambda name: name.replace("test/", "val/"),
        ],
    )
    def test_zip_files(self, data, rename):
        assert same(load(pack(data / "plain", rename)), load(data / "plain"))

    @pytest.mark.parametrize("form", ["val", "valid", "validation"])
    def test_folders_of_test_images(self, data, form):
        other = shutil.copytree(data / "plain", data / "other")
        (other / "test").rename(other / form)
        found = load(other)
        assert same(found, load(data / "plain"))
        assert found.remarks == (f"other: has no test/; test images are those in: {form}",)

    def test_a_folder_in_a_folder(self, data):
        shutil.copytree(data / "plain", data / "other" / "inner" / "pets")
        assert same(load(data / "other"), load(data / "plain"))

    def test_links_to_folders_and_files(self, data):
        (data / "other" / "train").mkdir(parents=True)
        (data / "other" / "test").symlink_to(data / "plain" / "test")
        (data / "other" / "train" / "cat").symlink_to(data / "plain" / "train" / "cat")
        (data / "other" / "train" / "dog").mkdir()
        for name in ("1.png", "2.png"):
            (data / "other" / "train" / "dog" / name).symlink_to(data / "plain" / "train" / "dog" / name)
        assert same(load(data / "other"), load(data / "plain"))

    def test_names_that_are_not_utf_8(self, data):
        other = shutil.copytree(data / "plain", data / "other")
        os.rename(bytes(other / "train" / "dog"), bytes(other / "train") + b"/\xe9t\xe9")
        os.rename(bytes(other / "test" / "dog"), bytes(other / "test") + b"/\xe9t\xe9")
        os.rename(bytes(other / "train" / "cat" / "1.png"), bytes(other / "train" / "cat") + b"/\xff.png")
        assert same(load(other), load(data / "plain"))
        assert same(load(other), load(data / "plain"))

    @pytest.mark.parametrize("around", ["", "pets", "ILSVRC/Data/CLS-LOC"])
    @pytest.mark.parametrize("test", ["val", "valid", "test"])
    def test_imagenet(self, data, around, test):
        plain = load(write_pictures(data / "pictures"), "imagenet")
        other = shutil.copytree(data / "pictures", data / "other" / around)
        (other / "val").rename(other / test)
        (data / "other" / "ILSVRC" / "ImageSets").mkdir(parents=True) if "ILSVRC" in around else None
        found = load(data / "other", "imagenet")
        assert same(found, plain)
        for part in ("train", "test"):
            ours, theirs = (
                list(batches(getattr(it, part), 5, it, order=torch.Generator().manual_seed(1)))
                for it in (found, plain)
            )
            assert all(torch.equal(a.images, b.images) for a, b in zip(ours, theirs, strict=True))


class TestTold:
    """What is not read is counted and named."""

    @pytest.mark.parametrize("packed", [False, True])
    def test_what_is_no_picture(self, data, packed):
        other = shutil.copytree(data / "plain", data / "other")
        for name in ("cat/README.txt", "cat/Thumbs.db", "cat/.DS_Store", "labels.csv", "dog/__MACOSX/1.png"):
            file = other / "train" / name
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(b"none")
        found = load(pack(other) if packed else other)
        assert same(found, load(data / "plain"))
        (told,) = found.remarks
        passed_over = ("cat/.DS_Store", "cat/README.txt", "cat/Thumbs.db", "dog/__MACOSX", "labels.csv")
        listed = ", ".join(f"train/{name}" for name in passed_over)
        assert told.endswith(f"passed over, for it is no picture: {listed}")

    def test_a_picture_whatever_its_name(self, data):
        other = shutil.copytree(data / "plain", data / "other")
        (other / "train" / "cat" / "1.png").rename(other / "train" / "cat" / "1.001")
        (other / "test" / "cat" / "1.png").rename(other / "test" / "cat" / "one")
        assert same(load(other), load(data / "plain"))

    def test_classes_without_pictures_and_what_lies_outside(self, data):
        other = shutil.copytree(data / "plain", data / "other")
        shutil.rmtree(other / "test" / "cat")
        (other / "train" / "emu").mkdir()
        (other / "extra").mkdir()
        (other / "gone\x1b[2J").symlink_to("nowhere")
        found = load(other)
        assert (found.classes, found.test.labels.tolist()) == (2, [1])
        assert found.remarks == (
            "other: not read, for it is outside of train/ and test/: extra, gone\\x1b[2J",
            "other: without pictures: train/emu",
            "other: classes without test images: cat",
        )
        assert load(other).remarks == found.remarks  # from the cache

    def test_many_are_counted(self, data):
        for number in range(1200):
            (data / "plain" / "train" / "cat" / f".{number:04}").touch()
        (told,) = load(data / "plain").remarks
        assert told.endswith("train/cat/.0003, train/cat/.0004 and 1,195 more")

    def test_a_sweep_and_a_plan_tell_it(self, data, gst, caplog):
        (data / "plain" / "train" / "emu").mkdir()
        for arguments in (("plan", "pets.yaml"), ("sweep", "pets.yaml", "--local")):
            assert gst(*arguments).exit_code == 0
            warned = [it.getMessage() for it in caplog.records if it.levelname == "WARNING"]
            assert warned == ["plain: without pictures: train/emu"]
            caplog.clear()


SWEEP = TINY.replace("{name: digits, per_class: 6, draw: 0}", "{name: folder, folder: plain}")


@pytest.fixture
def gst(data, tmp_path, monkeypatch):
    """Call `gst` in a folder with a sweep of the plain pictures, `pets.yaml`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GST_DATA_DIR", str(data))
    monkeypatch.setenv("GST_DB_URL", "pets.db")
    Path("pets.yaml").write_text(SWEEP)
    return lambda *arguments: CliRunner().invoke(app, arguments, prog_name="gst")


class TestRefused:
    """What cannot be read, or is out of place, is named in one message, and soon."""

    @pytest.mark.parametrize(
        ("make", "why"),
        [
            (os.mkfifo, "is a pipe or a device, expected a file"),
            (lambda path: path.symlink_to("/dev/zero"), "is a pipe or a device, expected a file"),
            (lambda path: path.symlink_to("gone"), "is a link to what is not there"),
            (lambda path: path.symlink_to(path), "cannot be read: Too many levels of symbolic links"),
            (lambda path: path.symlink_to(".."), "is a folder, and not of the form train/<class>/<image>"),
            (lambda path: path.touch(), "is empty, expected a picture"),
        ],
    )
    @pytest.mark.parametrize("name", ["folder", "imagenet"])
    def test_what_is_no_file_with_something_in_it(self, data, make, why, name):
        make(data / "plain" / "train" / "cat" / "x.png")
        assert refusal(data / "plain", name) == f"{data}/plain: train/cat/x.png {why}"

    def test_a_picture_that_another_program_would_have_to_read(self, data):
        written = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\nshowpage\n"
        (data / "plain" / "train" / "cat" / "x.png").write_bytes(written)
        assert "x.png: is not a readable image: expected one of JPEG, PNG" in refusal(data / "plain")

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
    @pytest.mark.parametrize("name", ["train/cat/1.png", "train/cat", "train", ".", ".."])
    def test_what_one_may_not_read(self, data, name):
        load(data / "plain")  # imports what nobody might not find
        path = data / "plain" / name
        for folder in (path, *path.parents):
            if folder.is_relative_to("/tmp") and folder != Path("/tmp"):
                folder.chmod(0o755)
        path.chmod(0)
        os.seteuid(65534)
        try:
            told = refusal(data / "plain")
        finally:
            os.seteuid(0)
        assert str(data / "plain") in told
        assert "cannot be read: Permission denied" in told

    @pytest.mark.parametrize("name", ["folder", "imagenet"])
    def test_a_name_that_no_file_system_takes(self, data, name):
        assert refusal(data / ("x" * 300), name).endswith("xxx: cannot be read: File name too long")

    def test_a_zip_file_that_is_a_pipe(self, data):
        os.mkfifo(data / "pets.zip")
        assert refusal(data / "pets.zip").endswith(
            "pets.zip: cannot be read: it is a pipe or a device, expected a file"
        )

    @pytest.mark.parametrize("side", [13_000, 20_000])
    @pytest.mark.parametrize("show", ["default", "error"])
    def test_a_picture_of_too_many_pixels(self, data, side, show):
        Image.new("1", (side, side)).save(data / "plain" / "train" / "cat" / "x.png")
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter(show)
            told = refusal(data / "plain")
        assert "train/cat/x.png: is too large, expected at most 89,478,485 pixels" in told
        assert not warned

    def test_a_file_of_too_many_bytes(self, data):
        with (data / "plain" / "train" / "cat" / "1.png").open("ab") as file:
            file.truncate(100_000_001)
        packed = pack(data / "plain")
        assert "1.png: cannot be read: it is too large, expected at most 100,000,000 bytes" in refusal(
            data / "plain"
        )
        assert "1.png: cannot be read: it is too large, expected at most 100,000,000 bytes" in refusal(packed)

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("/train/cat/x.png", "has a file '/train/cat/x.png', a path that leads out of it"),
            ("../train/cat/x.png", "has a file '../train/cat/x.png', a path that leads out of it"),
            ("C:\\train\\cat\\x.png", "a path that leads out of it"),
            ("train/cat/1.png", "has two files called train/cat/1.png"),
            ("train\\cat\\1.png", "has two files called train/cat/1.png"),
            ("train/cat", "has a file and a folder called 'train/cat'"),
        ],
    )
    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_names_in_a_zip_file(self, data, name, why):
        assert why in refusal(pack(data / "plain", **{name: b"x"}))

    def test_an_encrypted_zip_file(self, data):
        path = pack(data / "plain")
        content = bytearray(path.read_bytes())
        content[content.index(b"PK\1\2") + 8] |= 1
        path.write_bytes(content)
        assert "train/cat/1.png is encrypted; gst asks for no password: unpack it" in refusal(path).replace(
            "test/cat", "train/cat"
        )

    def test_a_name_in_a_zip_file_that_is_not_in_its_encoding(self, data):
        path = pack(data / "plain", **{"train/cat/\u00e9.png": b"x"})
        path.write_bytes(path.read_bytes().replace("\u00e9".encode(), b"\xff\xff"))
        assert "packed.zip: is damaged: 'utf-8' codec can't decode" in refusal(path)

    @pytest.mark.parametrize("top", ["Train", "data"])
    def test_other_folders_are_named(self, data, top):
        (data / "plain" / "train").rename(data / "plain" / top)
        told = refusal(data / "plain")
        assert told.endswith(
            "has no images of the form train/<class>/<image>; there is " + ", ".join(sorted((top, "test")))
        )

    def test_a_circle_of_folders(self, data):
        (data / "round").mkdir()
        (data / "round" / "again").symlink_to(data / "round")
        assert "has no images of the form train/<class>/<image>; there is again" in refusal(data / "round")


class TestCache:
    """What was decoded outlives no change of what it was made from, and is as private as the umask says."""

    @pytest.mark.parametrize("packed", [False, True])
    def test_another_file_of_the_same_size_and_time(self, data, packed):
        file = data / "plain" / "train" / "cat" / "1.png"
        changed = pack(data / "plain") if packed else file
        source = changed if packed else data / "plain"
        before, content, was = load(source), changed.read_bytes(), changed.stat()
        Image.fromarray(COLOURS["b"]).save(file)
        if packed:
            pack(data / "plain")
        assert changed.stat().st_size == len(content)
        os.utime(changed, ns=(was.st_atime_ns, was.st_mtime_ns))
        assert load(source).train.images[0, 0, 0, 0] == 90
        changed.write_bytes(content)
        os.utime(changed, ns=(was.st_atime_ns, was.st_mtime_ns))
        assert same(load(source), before)

    def test_a_change_while_it_is_read(self, data, monkeypatch):
        from gst.data import image_folder

        decode = image_folder.pixels_of

        def changed_meanwhile(path, read, images):
            found = decode(path, read, images)
            (path / "train" / "cat" / "1.png").touch()
            return found

        monkeypatch.setattr(image_folder, "pixels_of", changed_meanwhile)
        assert "data/plain: was changed while it was read; try again" in refusal(data / "plain")
        monkeypatch.undo()
        assert list((data / DECODED).glob("*.pt")) == []

    def test_a_version_takes_the_place_of_the_one_before(self, data):
        load(data / "plain")
        shutil.copytree(data / "plain", data / "plain-2")
        load(data / "plain-2")
        old = set((data / DECODED).glob("*.pt"))
        for name, age in ((".plain-ab-1.pt.killed", 4000), (".plain-ab-1.pt.writing", 0)):
            (data / DECODED / name).touch()
            os.utime(data / DECODED / name, (time.time() - age,) * 2)
        Image.fromarray(COLOURS["b"]).save(data / "plain" / "train" / "cat" / "1.png")
        load(data / "plain")
        new = set((data / DECODED).glob("*.pt"))
        assert sorted(it.name.rpartition("-")[0].rpartition("-")[0] for it in new) == ["plain", "plain-2"]
        assert len(new & old) == 1
        assert [it.name for it in (data / DECODED).glob(".plain-ab*")] == [".plain-ab-1.pt.writing"]

    @pytest.mark.parametrize(("umask", "mode"), [(0o077, 0o600), (0o002, 0o664), (0o022, 0o644)])
    def test_the_umask_holds(self, data, umask, mode):
        before = os.umask(umask)
        try:
            load(data / "plain")
        finally:
            os.umask(before)
        (file,) = (data / DECODED).glob("*.pt")
        assert stat.S_IMODE(file.stat().st_mode) == mode
