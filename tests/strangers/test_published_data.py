"""MNIST and CIFAR in every form that people have: the content is that of the plain one."""

from __future__ import annotations

import gzip
import hashlib
import pickle
from pathlib import Path

import numpy as np
import pytest
from pictures import same

from gst.config import DataConfig
from gst.data import cifar, load_dataset
from gst.errors import DataError


@pytest.fixture
def data(tmp_path, monkeypatch) -> Path:
    """An empty data folder."""
    monkeypatch.setattr("gst.paths.platformdirs.user_cache_dir", lambda _name: str(tmp_path / "user-cache"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


IDX = {
    "train-images-idx3-ubyte": np.arange(12, dtype=np.uint8).reshape(2, 2, 3),
    "train-labels-idx1-ubyte": np.array([9, 0], np.uint8),
    "t10k-images-idx3-ubyte": np.full((1, 2, 3), 7, np.uint8),
    "t10k-labels-idx1-ubyte": np.array([4], np.uint8),
}


def idx(folder: Path, pack=gzip.compress, rename=lambda name: f"{name}.gz") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, values in IDX.items():
        header = bytes((0, 0, 8, values.ndim)) + np.array(values.shape, ">u4").tobytes()
        (folder / rename(name)).write_bytes(pack(header + values.tobytes()))


class TestMnist:
    @pytest.mark.parametrize("place", ["mnist", "MNIST/raw", "MNIST", "."])
    @pytest.mark.parametrize(
        ("pack", "rename"),
        [
            (gzip.compress, lambda name: f"{name}.gz"),
            (bytes, str),
            (bytes, lambda name: f"{name}.gz"),  # as some browsers leave it
            (bytes, lambda name: name.replace("-idx", ".idx")),
            (gzip.compress, lambda name: name.replace("-idx", ".idx") + ".gz"),
        ],
    )
    def test_forms(self, data, tmp_path, place, pack, rename):
        idx(tmp_path / "other" / "mnist")
        idx(data / place, pack, rename)
        plain = load_dataset(DataConfig(name="mnist"), tmp_path / "other")
        assert plain.train.images.flatten().tolist() == list(range(12))
        assert same(load_dataset(DataConfig(name="mnist"), data), plain)

    @pytest.mark.parametrize("place", ["mnist", "."])
    def test_keras(self, data, tmp_path, place):
        idx(tmp_path / "other" / "mnist")
        (data / place).mkdir(exist_ok=True)
        names = ("x_train", "y_train", "x_test", "y_test")
        np.savez(data / place / "mnist.npz", **dict(zip(names, IDX.values(), strict=True)))
        plain, found = (load_dataset(DataConfig(name="mnist"), it) for it in (tmp_path / "other", data))
        assert same(found, plain)
        assert found.source.endswith("mnist.npz")

    @pytest.mark.parametrize("content", [b"PK", {"x_train": np.zeros(3)}, {"x_train": np.array([None])}])
    def test_another_npz(self, data, content):
        if isinstance(content, bytes):
            (data / "mnist.npz").write_bytes(content)
        else:
            np.savez(data / "mnist.npz", **content)
        with pytest.raises(
            DataError, match=r"mnist\.npz: is damaged, or lacks x_train, y_train, x_test or y_test"
        ):
            load_dataset(DataConfig(name="mnist"), data)


class TestCifar:
    """The version for C programs has the content of that for Python."""

    @pytest.fixture(params=["cifar10", "cifar100"])
    def kind(self, request):
        return cifar._KINDS[request.param]

    @pytest.fixture
    def records(self, kind, data):
        """Files of two records each; the pixels and labels of all of the training images."""
        folder = data / kind.binary.folder
        folder.mkdir()
        random = np.random.default_rng(0)
        pixels = random.integers(256, size=(2 * len(kind.binary.train) + 2, 3072), dtype=np.uint8)
        labels = np.arange(len(pixels), dtype=np.uint8)[::-1] % 10
        for number, name in enumerate((*kind.binary.train, *kind.binary.test)):
            part = slice(2 * number, 2 * number + 2)
            coarse = [np.full((2, 1), 19, np.uint8)] * (kind.binary.labels - 1)
            (folder / name).write_bytes(np.hstack([*coarse, labels[part, None], pixels[part]]).tobytes())
        return pixels, labels

    def test_content(self, kind, records, data, monkeypatch, tmp_path):
        pixels, labels = records
        reader = cifar._reader(kind)
        python = tmp_path / "python" / reader.base_folder
        python.mkdir(parents=True)
        parts = {"train": slice(0, -2), "test": slice(-2, None)}
        key = "labels" if kind.classes == 10 else "fine_labels"
        for name, part in parts.items():
            content = {"data": pixels[part], key: labels[part].tolist()}
            (python / name).write_bytes(pickle.dumps(content))
            monkeypatch.setattr(reader, f"{name}_list", [[name, md5(python / name)]])
        (python / "meta").write_bytes(pickle.dumps({"names": []}))
        monkeypatch.setattr(reader, "meta", {"filename": "meta", "key": "names", "md5": md5(python / "meta")})
        name = kind.reader.lower()
        plain, found = (load_dataset(DataConfig(name=name), it) for it in (python.parent, data))
        assert same(found, plain)
        assert found.source == kind.binary.folder

    def test_half_a_record_and_a_class_that_is_none(self, kind, records, data):
        file = data / kind.binary.folder / kind.binary.train[0]
        whole = file.read_bytes()
        config = DataConfig(name=kind.reader.lower())
        for content, why in (
            (whole[:-1], "expected records of"),
            (b"", "expected records of"),
            (b"\xff" * len(whole), f"expected labels from 0 to {kind.classes - 1}, found 255"),
        ):
            file.write_bytes(content)
            with pytest.raises(DataError, match=why):
                load_dataset(config, data)
        file.unlink()
        with pytest.raises(DataError, match=f"{file.parent} lacks {file.name}; remove the folder"):
            load_dataset(config, data)


def md5(file: Path) -> str:
    return hashlib.md5(file.read_bytes()).hexdigest()
