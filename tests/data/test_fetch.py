"""Data sets that are brought into the data folder, and whoever is stopped, late or in another's way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import fsspec
import numpy as np
import pytest
from processes import PATIENCE

from gst.data import data_sets_in, load_dataset
from gst.data.fetch import STAGING, Copy, fetch, refuse_other
from gst.data.load import config_of, wanted
from gst.errors import DataError, InputError

PICTURES = {
    f"{split}/{label}/{number}.png": np.full((4, 4, 3), 40 * number + place, np.uint8)
    for place, (split, label) in enumerate([("train", "a"), ("train", "b"), ("test", "a"), ("test", "b")])
    for number in range(2)
}
BIRDS = config_of("birds")
FETCH = sys.modules[Copy.__module__]  # its function hides it


@pytest.fixture
def birds(served, write_images):
    """A folder of pictures, and the same in a zip file, on a web server."""
    write_images(served.root / "birds", PICTURES)
    return served.root / "birds"


def visible(folder):
    return sorted(it.name for it in folder.iterdir() if not it.name.startswith("."))


def in_memory(birds):
    files = fsspec.filesystem("memory")
    files.put(str(birds), "/somewhere/birds", recursive=True)
    return "memory://somewhere"


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        (lambda birds: str(birds.parent), "birds"),
        (lambda birds: birds.parent.as_uri(), "birds"),
        (in_memory, "birds"),
        (lambda birds: str(birds.parent), "birds.zip"),
    ],
    ids=["folder", "file URL", "fsspec", "zip file"],
)
def test_pictures_come_from_elsewhere(birds, folder, origin, name):
    config = config_of(name)
    expected = load_dataset(config, birds.parent).content_hash
    where = origin(birds)
    place = fetch(wanted(config, folder), folder, where)
    assert place == folder / name
    assert load_dataset(config, folder).content_hash == expected
    assert visible(folder) == [name]
    refuse_other(wanted(config, folder), folder, where)
    assert fetch(wanted(config, folder), folder, "/nowhere") == place  # it is there, and nobody asks


def test_a_web_server_gives_zip_files(birds, folder, served):
    assert fetch(wanted(BIRDS, folder), folder, served.url) == folder / "birds.zip"
    assert load_dataset(config_of("birds.zip"), folder).classes == 2
    assert load_dataset(BIRDS, folder).source == "birds.zip"
    (served.root / "birds.zip").rename(served.root / "50% of them.zip")
    assert fetch(wanted(config_of("50% of them"), folder), folder, served.url).exists()


def test_links_to_folders_are_followed(birds, folder):
    elsewhere = birds.rename(birds.with_name("elsewhere"))
    (birds / "train").mkdir(parents=True)
    (birds / "test").symlink_to(elsewhere / "test")
    for label in "ab":
        (birds / "train" / label).symlink_to(elsewhere / "train" / label)
    fetch(wanted(BIRDS, folder), folder, str(birds.parent))
    assert load_dataset(BIRDS, folder).content_hash == load_dataset(BIRDS, birds.parent).content_hash
    assert not [it for it in (folder / "birds").rglob("*") if it.is_symlink()]


def test_imagenet_does_not_come_as_the_zip_file_that_it_cannot_be_read_from(birds, folder):
    (birds.parent / "birds.zip").rename(birds.parent / "imagenet.zip")
    with pytest.raises(DataError, match="has no imagenet that can be fetched"):
        fetch(wanted(config_of("imagenet"), folder), folder, str(birds.parent))
    birds.rename(birds.parent / "imagenet")
    assert fetch(wanted(config_of("imagenet"), folder), folder, str(birds.parent)) == folder / "imagenet"


def test_what_is_there_is_found_in_a_folder_that_is_not_for_writing(birds):
    birds.parent.chmod(0o555)
    try:
        assert fetch(wanted(BIRDS, birds.parent), birds.parent) == birds
    finally:
        birds.parent.chmod(0o755)


def test_a_large_file_is_copied_where_an_interrupt_is_heard(birds, folder, served, monkeypatch):
    """By threads it would end first."""
    size = (served.root / "birds.zip").stat().st_size
    told = []

    def begun(file, expected):
        told.append((file, expected, threading.current_thread()))
        return lambda count: told.append((count, threading.current_thread()))

    monkeypatch.setattr("gst.data.remote.PIECE", size // 2)
    fetch(wanted(BIRDS, folder), folder, served.url, begun)
    here = threading.current_thread()
    assert told[0] == ("birds.zip", size, here)
    assert {it[1] for it in told[1:]} == {here}
    assert sum(it[0] for it in told[1:]) == size


class Endless:
    """A place whose files have no end, and where somebody types Ctrl-C at the last."""

    def sizes(self, place):
        return {f"birds/{number}": None for number in range(4)}

    def copy(self, file, to, begun):
        told = begun(file, None)
        if file == "birds/3":
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        while True:
            told(1)


def test_an_interrupt_does_not_wait_for_the_files_that_are_under_way(folder, monkeypatch):
    monkeypatch.setattr(FETCH, "remote_at", lambda place: Endless())
    with pytest.raises(KeyboardInterrupt):
        fetch(wanted(BIRDS, folder), folder, "endless")
    assert not list(folder.glob(f"{STAGING}*/"))


def test_what_is_there_and_differs_is_left_alone(birds, folder, write_images):
    write_images(folder / "birds", PICTURES | {"train/a/0.png": np.eye(90, dtype=np.uint8)})
    before = (folder / "birds/train/a/0.png").read_bytes()
    with pytest.raises(DataError, match=r"train/a/0.png: has .* bytes, and .* remove it first"):
        refuse_other(wanted(BIRDS, folder), folder, str(birds.parent))
    with pytest.raises(DataError, match=r"cannot be compared with http://127.0.0.1:1: .*refused"):
        refuse_other(wanted(BIRDS, folder), folder, "http://127.0.0.1:1")
    assert fetch(wanted(BIRDS, folder), folder, str(birds.parent)) == folder / "birds"
    assert (folder / "birds/train/a/0.png").read_bytes() == before


@pytest.mark.parametrize(
    ("label", "origin", "error", "said"),
    [
        (
            "birds",
            None,
            DataError,
            "published nowhere that gst knows; name a folder or URL that has it: --from",
        ),
        ("cifr10", None, DataError, "cifr10 is published nowhere that gst knows; did you mean 'cifar10'?"),
        ("birds", "/nowhere", DataError, "/nowhere: has no birds that can be fetched; name a folder or URL"),
        ("birds", "ftp://127.0.0.1:1", DataError, r"cannot be downloaded \(ftp://127.0.0.1:1: .*refused"),
        ("birds", "http://127.0.0.1:1", DataError, r"cannot be downloaded \(http://127.0.0.1:1: .*refused"),
        (
            "birds",
            "s4://bucket",
            InputError,
            "s4://bucket: cannot be opened here: .*; give a folder, or a URL",
        ),
        ("digits", None, DataError, "digits come with scikit-learn"),
        ("folder:..", None, DataError, "must be a plain name"),
    ],
)
def test_what_cannot_be_had_is_told_and_leaves_nothing(folder, label, origin, error, said):
    with pytest.raises(error, match=said):
        fetch(wanted(config_of(label), folder), folder, origin)
    assert not [it for it in folder.iterdir() if it.is_dir()]


def test_pictures_out_of_place_are_not_taken(birds, folder):
    (birds / "train" / "3.png").write_bytes((birds / "train/a/0.png").read_bytes())
    with pytest.raises(DataError, match=r"train/3.png is not of the form train/<class>/<image>"):
        fetch(wanted(BIRDS, folder), folder, str(birds.parent))
    assert visible(folder) == []


def test_a_file_that_ends_early_is_not_taken(birds, folder, served, monkeypatch):
    monkeypatch.setattr("gst.data.remote._written", lambda answer, to, _: to.write_bytes(answer.read(9)))
    with pytest.raises(DataError, match=r"birds.zip: ended after 9 of \d+ bytes"):
        fetch(wanted(BIRDS, folder), folder, served.url)
    assert visible(folder) == []


FETCHING = """
import os, sys
from pathlib import Path
from gst.data.fetch import fetch
from gst.data.load import config_of, wanted

folder = Path(sys.argv[1])

def begin():
    child = os.fork()
    if not child:
        fetch(wanted(config_of("birds"), folder), folder, sys.argv[2])
        os._exit(0)
    return child

print(begin(), flush=True)
sys.stdin.readline()
others = [begin() for _ in range(2)]
print("others", flush=True)
print([os.waitstatus_to_exitcode(os.waitpid(it, 0)[1]) for it in others])
"""


def test_whoever_is_killed_leaves_nothing_half_and_others_get_it_whole(birds, folder, served):
    """Three processes, of which the first is killed while it holds the lock for which the others wait."""
    served.may_go_on.clear()
    with subprocess.Popen(
        [sys.executable, "-c", FETCHING, folder, served.url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        first = int(parent.stdout.readline())
        assert served.halfway.wait(PATIENCE)
        parent.stdin.write("\n")
        parent.stdin.flush()
        assert parent.stdout.readline() == "others\n"
        assert visible(folder) == []
        os.kill(first, signal.SIGKILL)
        served.may_go_on.set()
        assert parent.communicate(timeout=PATIENCE) == ("[0, 0]\n", None)
    (left,) = (it for it in folder.glob(f"{STAGING}*") if it.is_dir())
    assert visible(folder) == ["birds.zip"]
    assert (folder / "birds.zip").read_bytes() == (served.root / "birds.zip").read_bytes()
    assert [it.label for it in data_sets_in(folder) if it.stored] == ["folder:birds.zip"]

    for file in (left, *left.iterdir()):
        os.utime(file, (0, 0))
    fetch(wanted(BIRDS, folder), folder, served.url)  # which is there
    assert not left.exists()
