"""Decoded once, read ever after, and never half."""

import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
import torch

from gst.data.cache import DECODED, cached, fingerprint


class Decoder:
    """Gives a data set, and counts how often it was asked to."""

    def __init__(self, dataset, seconds=0.0):
        self.dataset, self.seconds, self.calls = dataset, seconds, 0

    def __call__(self):
        self.calls += 1
        time.sleep(self.seconds)
        return self.dataset


@pytest.fixture
def decoder(toy):
    return Decoder(toy())


def same(first, second):
    tensors = zip((*first.train, *first.test), (*second.train, *second.test), strict=True)
    rest = [
        {key: value for key, value in vars(one).items() if key not in ("train", "test")}
        for one in (first, second)
    ]
    return all(torch.equal(a, b) and a.dtype == b.dtype for a, b in tensors) and rest[0] == rest[1]


def files_in(folder):
    return sorted(path.name for path in (folder / DECODED).iterdir() if path.suffix == ".pt")


def test_decoded_once(folder, decoder):
    first, second = (cached(folder, "toy", lambda: "v1", decoder) for _ in range(2))
    assert decoder.calls == 1
    assert same(first, decoder.dataset)
    assert same(second, decoder.dataset)
    assert files_in(folder) == ["toy-v1-1.pt"]


def test_other_version_or_name_is_other_data(folder, decoder, toy):
    cached(folder, "toy", lambda: "v1", decoder)
    other = Decoder(toy(train_labels=(0, 1)))
    assert same(cached(folder, "toy", lambda: "v2", other), other.dataset)
    assert same(cached(folder, "toi", lambda: "v1", other), other.dataset)
    assert other.calls == 2


@pytest.mark.parametrize("damage", ["truncate", "flip", "empty", "other"])
def test_damaged_file_is_made_again(folder, decoder, damage, caplog):
    cached(folder, "toy", lambda: "v1", decoder)
    (file,) = (folder / DECODED).glob("*.pt")
    content = bytearray(file.read_bytes())
    if damage == "truncate":
        content = content[: len(content) // 2]
    elif damage == "flip":
        place = content.index(decoder.dataset.train.images.numpy().tobytes())
        content[place] ^= 1
    elif damage == "empty":
        content = bytearray()
    else:
        torch.save({"some": "thing"}, file)
        content = bytearray(file.read_bytes())
    file.write_bytes(content)
    assert same(cached(folder, "toy", lambda: "v1", decoder), decoder.dataset)
    assert decoder.calls == 2
    assert "damaged" in caplog.text
    cached(folder, "toy", lambda: "v1", decoder)
    assert decoder.calls == 2


def test_folder_that_is_not_for_writing_is_left_alone(folder, decoder, user_cache):
    folder.chmod(0o555)
    try:
        for _ in range(2):
            assert same(cached(folder, "toy", lambda: "v1", decoder), decoder.dataset)
        assert list(folder.iterdir()) == []
    finally:
        folder.chmod(0o755)
    assert decoder.calls == 1
    assert len(files_in(user_cache)) == 1


def test_folders_that_are_not_for_writing_keep_data_of_one_name_apart(tmp_path, toy):
    decoders = {name: Decoder(toy(train_labels=(0, label))) for label, name in enumerate(("one", "two"))}
    for name in decoders:
        (tmp_path / name).mkdir(mode=0o555)
    for name, decoder in [*decoders.items()] * 2:
        assert same(cached(tmp_path / name, "toy", lambda name=name: name, decoder), decoder.dataset)
    assert [decoder.calls for decoder in decoders.values()] == [1, 1]


def test_file_that_came_with_a_read_only_folder_is_used(folder, decoder, user_cache):
    cached(folder, "toy", lambda: "v1", decoder)
    folder.chmod(0o555)
    try:
        cached(folder, "toy", lambda: "v1", decoder)
    finally:
        folder.chmod(0o755)
    assert decoder.calls == 1
    assert not user_cache.exists()


def test_without_any_place_to_write_each_call_decodes(folder, decoder, user_cache):
    user_cache.write_text("a file where a folder should be")
    folder.chmod(0o555)
    try:
        for _ in range(2):
            assert same(cached(folder, "toy", lambda: "v1", decoder), decoder.dataset)
    finally:
        folder.chmod(0o755)
    assert decoder.calls == 2


def test_full_disk_costs_no_run(folder, decoder, monkeypatch, caplog):
    def full(_content, stream):
        stream.write(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    assert same(cached(folder, "toy", lambda: "v1", decoder), decoder.dataset)
    assert "No space left" in caplog.text
    assert [path.name for path in (folder / DECODED).iterdir()] == [".toy.lock"]


def test_interrupted_writing_leaves_nothing(folder, decoder, monkeypatch):
    def interrupted(_content, stream):
        stream.write(b"half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cached(folder, "toy", lambda: "v1", decoder)
    assert [path.name for path in (folder / DECODED).iterdir()] == [".toy.lock"]


def test_those_who_come_at_once_wait_for_the_first(folder, toy):
    slow = Decoder(toy(), seconds=0.2)
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: cached(folder, "toy", lambda: "v1", slow), range(6)))
    assert slow.calls == 1
    assert all(same(dataset, slow.dataset) for dataset in found)


def test_without_locks_those_who_come_at_once_all_get_it_whole(folder, toy, monkeypatch):
    def unsupported(_file, _operation):
        raise OSError("no locks here")

    monkeypatch.setattr("gst.data.cache.fcntl.flock", unsupported)
    slow = Decoder(toy(), seconds=0.1)
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: cached(folder, "toy", lambda: "v1", slow), range(6)))
    assert slow.calls > 1
    assert all(same(dataset, slow.dataset) for dataset in found)
    assert files_in(folder) == ["toy-v1-1.pt"]


def test_images_are_mapped_not_read(folder, decoder):
    """Two readers of one file may write to their images without the other, or the file, noticing."""
    cached(folder, "toy", lambda: "v1", decoder)
    first, second = (cached(folder, "toy", lambda: "v1", decoder) for _ in range(2))
    first.train.images.zero_()
    assert same(second, decoder.dataset)
    assert same(cached(folder, "toy", lambda: "v1", decoder), decoder.dataset)


def test_fingerprint_sees_names_sizes_and_times(tmp_path):
    def stats(size=2, modified=10**9 + 1, changed=10**9 + 2):
        return SimpleNamespace(st_size=size, st_mtime_ns=modified, st_ctime_ns=changed)

    def of(name="a", **other):
        return fingerprint(lambda: {name: stats(**other)})

    prints = [of(), of(name="b"), of(name="\udcff"), of(size=3), of(modified=11), of(changed=12)]
    assert len(set(prints)) == 6
    assert of() == prints[0]
