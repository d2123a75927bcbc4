import hashlib
import pickle
import shutil
import tarfile

import numpy as np
import pytest
import torchvision

from gst.config import DataConfig
from gst.data import data_sets_in, load_dataset
from gst.data.fetch import fetch
from gst.data.load import wanted
from gst.errors import DataError
from gst.published import CIFAR, is_here

KINDS = {
    "cifar10": (torchvision.datasets.CIFAR10, "labels", ["data_batch_1", "data_batch_2"], "test_batch", 10),
    "cifar100": (torchvision.datasets.CIFAR100, "fine_labels", ["train"], "test", 100),
}


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


def pixels(first, n):
    """n images in CIFAR's layout: a row each, all of red, then green, then blue."""
    return (np.arange(n * 3072, dtype=np.int64) * 7 + first).astype(np.uint8).reshape(n, 3072)


@pytest.fixture
def files(folder, kind, monkeypatch):
    """Pickles as published but tiny, with torchvision told of their checksums."""
    reader, labels, train, test, classes = KINDS[kind]
    place = folder / reader.base_folder
    place.mkdir()

    def write(name, content):
        (place / name).write_bytes(pickle.dumps(content))
        return hashlib.md5((place / name).read_bytes()).hexdigest()

    def batch(index, name):
        return [name, write(name, {"data": pixels(index, 2), labels: [index, classes - 1 - index]})]

    monkeypatch.setattr(reader, "train_list", [batch(index, name) for index, name in enumerate(train)])
    monkeypatch.setattr(reader, "test_list", [batch(9, test)])
    names = {reader.meta["key"]: [f"class {index}" for index in range(classes)]}
    checksum = write(reader.meta["filename"], names)
    monkeypatch.setattr(reader, "meta", reader.meta | {"md5": checksum})
    return place


@pytest.fixture
def published(kind, files, folder, served, monkeypatch):
    """The files are published in an archive, and the data folder has none; the archive's place."""
    reader = KINDS[kind][0]
    archive = served.root / reader.filename
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(files, files.name)
    shutil.rmtree(files)
    monkeypatch.setattr(reader, "url", f"{served.url}/{reader.filename}")
    monkeypatch.setattr(reader, "tgz_md5", hashlib.md5(archive.read_bytes()).hexdigest())
    return archive


def test_it_is_looked_for_where_torchvision_puts_it(kind):
    reader = KINDS[kind][0]
    assert (CIFAR[kind].archive, CIFAR[kind].folder) == (reader.filename, reader.base_folder)


def test_images_and_labels(kind, files, folder):
    reader, _, train, _, classes = KINDS[kind]
    dataset = load_dataset(DataConfig(name=kind), folder)
    expected = np.concatenate([pixels(index, 2) for index in range(len(train))]).reshape(-1, 3, 32, 32)
    assert np.array_equal(dataset.train.images.numpy(), expected)
    assert dataset.train.labels.tolist() == [
        label for index in range(len(train)) for label in (index, classes - 1 - index)
    ]
    assert np.array_equal(dataset.test.images.numpy(), pixels(9, 2).reshape(-1, 3, 32, 32))
    assert dataset.test.labels.tolist() == [9, classes - 10]
    assert (dataset.name, dataset.classes, dataset.source) == (kind, classes, reader.base_folder)


def test_constants_are_those_of_the_2020_papers_code(kind, files, folder):
    dataset = load_dataset(DataConfig(name=kind), folder)
    expected = {
        "cifar10": ((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)),
        "cifar100": ((0.5071, 0.4867, 0.4408), (0.2675, 0.2565, 0.2761)),
    }
    assert (dataset.mean, dataset.std) == expected[kind]


def test_read_by_torchvision_only_once(kind, files, folder, monkeypatch):
    first = load_dataset(DataConfig(name=kind), folder)
    monkeypatch.setattr(KINDS[kind][0], "__init__", None)
    assert load_dataset(DataConfig(name=kind), folder).content_hash == first.content_hash


def test_file_that_differs_from_the_published_one_is_not_opened(kind, files, folder):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was opened before its checksum was compared",))

    (files / KINDS[kind][3]).write_bytes(pickle.dumps(Trap()))
    with pytest.raises(
        DataError, match=rf"{files.name}: files are missing or differ.*unpack {kind[:5]}-{kind[5:]}"
    ):
        load_dataset(DataConfig(name=kind), folder)


def test_half_of_its_files_are_told_before_any_is_read(kind, files, folder):
    missing = files / KINDS[kind][3]
    missing.unlink()
    (found,) = (it.stored for it in data_sets_in(folder) if it.label == kind)
    with pytest.raises(DataError, match=f"{files.name} lacks {missing.name}; remove the folder"):
        found.files()


def test_missing_and_no_network_says_what_to_do(kind, folder, published, monkeypatch):
    monkeypatch.setattr(KINDS[kind][0], "url", f"http://127.0.0.1:1/{published.name}")
    message = (
        rf"{kind} cannot be downloaded \(http://127.0.0.1:1/: .*refused\); unpack {published.name} in .*data,"
        rf" or cifar-.*-binary.tar.gz, or copy it from a folder or URL: gst data fetch {kind} --from PLACE"
    )
    with pytest.raises(DataError, match=message):
        load_dataset(DataConfig(name=kind), folder)


def test_missing_is_downloaded(kind, published, files, folder):
    assert len(load_dataset(DataConfig(name=kind), folder).test.labels) == 2
    assert [it.name for it in folder.iterdir() if not it.name.startswith(".")] == [files.name]


def test_an_archive_in_the_data_folder_is_unpacked(kind, published, files, folder, monkeypatch):
    monkeypatch.setattr(KINDS[kind][0], "url", f"http://127.0.0.1:1/{published.name}")
    published.rename(folder / published.name)
    assert is_here(DataConfig(name=kind), folder)
    assert fetch(wanted(DataConfig(name=kind), folder), folder) == files
    assert len(load_dataset(DataConfig(name=kind), folder).test.labels) == 2


def test_an_archive_that_differs_is_not_unpacked(kind, published, files, folder):
    published.write_bytes(published.read_bytes()[:-1])
    with pytest.raises(DataError, match=f"{published.name}: differs from the published one"):
        load_dataset(DataConfig(name=kind), folder)
    assert not files.exists()
