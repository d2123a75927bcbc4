import gzip
import hashlib

import pytest
import torch
import torchvision

from gst.config import DataConfig
from gst.data import load_dataset, mnist
from gst.errors import DataError
from gst.published import MNIST_FILES

MNIST = DataConfig(name="mnist")
TRAIN = [[[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [10, 11, 12]]]
TEST = [[[255, 0, 255], [0, 255, 0]]]


@pytest.fixture
def files(folder, write_idx):
    """The four files, in miniature: two training images of 2x3 pixels and one test image."""
    place = folder / "mnist"
    write_idx(place / "train-images-idx3-ubyte.gz", TRAIN)
    write_idx(place / "train-labels-idx1-ubyte.gz", [9, 0])
    write_idx(place / "t10k-images-idx3-ubyte.gz", TEST)
    write_idx(place / "t10k-labels-idx1-ubyte.gz", [4])
    return place


@pytest.fixture
def published(files, folder, served, monkeypatch):
    """The files are published at a second address, and the data folder has none."""
    monkeypatch.setattr(mnist, "PUBLISHED", load_dataset(MNIST, folder).content_hash)
    for file in files.iterdir():
        file.rename(served.root / file.name)
    files.rmdir()
    monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", ["http://127.0.0.1:1/", f"{served.url}/"])
    return served


def test_images_and_labels(files, folder):
    dataset = load_dataset(MNIST, folder)
    assert dataset.train.images.tolist() == [[image] for image in TRAIN]
    assert dataset.train.labels.tolist() == [9, 0]
    assert dataset.test.images.tolist() == [[image] for image in TEST]
    assert dataset.test.labels.tolist() == [4]
    assert {split.images.dtype for split in (dataset.train, dataset.test)} == {torch.uint8}
    assert {split.labels.dtype for split in (dataset.train, dataset.test)} == {torch.int64}
    assert (dataset.name, dataset.classes, dataset.source) == ("mnist", 10, "mnist/*.gz")
    assert (dataset.mean, dataset.std) == ((0.1307,), (0.3081,))


def test_torchvisions_folder_is_accepted(files, folder):
    (folder / "MNIST").mkdir()
    files.rename(folder / "MNIST" / "raw")
    assert load_dataset(MNIST, folder).source == "MNIST/raw/*.gz"


def test_changed_file_is_read_again(files, folder, write_idx):
    before = load_dataset(MNIST, folder)
    assert load_dataset(MNIST, folder).content_hash == before.content_hash
    write_idx(files / "t10k-labels-idx1-ubyte.gz", [5])
    after = load_dataset(MNIST, folder)
    assert after.test.labels.tolist() == [5]
    assert after.content_hash != before.content_hash


def test_one_file_missing_is_named(files, folder):
    (files / "t10k-images-idx3-ubyte.gz").unlink()
    with pytest.raises(DataError, match=r"mnist lacks t10k-images-idx3-ubyte\.gz"):
        load_dataset(MNIST, folder)


def test_all_missing_and_no_network_says_what_to_do(folder, published, monkeypatch):
    monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", ["http://127.0.0.1:1/"])
    message = (
        r"^mnist cannot be downloaded \(http://127.0.0.1:1/: .*Connection refused\); put train-images"
        r"-idx3-ubyte\.gz.*data/mnist, or copy it from a folder or URL: gst data fetch mnist --from PLACE$"
    )
    with pytest.raises(DataError, match=message):
        load_dataset(MNIST, folder)
    assert [it.name for it in folder.iterdir() if it.is_dir()] == [".decoded"]


def test_all_missing_are_downloaded(folder, published):
    assert load_dataset(MNIST, folder).train.labels.tolist() == [9, 0]
    assert sorted(it.name for it in (folder / "mnist").iterdir()) == sorted(MNIST_FILES)


def test_other_digits_than_those_published_are_not_taken(folder, published, write_idx):
    write_idx(published.root / "t10k-labels-idx1-ubyte.gz", [5])
    with pytest.raises(
        DataError, match=r"mnist: mnist/\*\.gz differ from what is published: content [0-9a-f]{12}"
    ):
        load_dataset(MNIST, folder)
    assert not (folder / "mnist").exists()


def test_nothing_is_downloaded_into_a_folder_that_is_not_for_writing(folder):
    folder.chmod(0o555)
    try:
        with pytest.raises(DataError, match="nothing may be written there; put train-images"):
            load_dataset(MNIST, folder)
    finally:
        folder.chmod(0o755)


def refused(folder, message):
    with pytest.raises(DataError, match=message):
        load_dataset(MNIST, folder)


def test_truncated_archive(files, folder):
    file = files / "train-images-idx3-ubyte.gz"
    file.write_bytes(file.read_bytes()[:-9])
    refused(folder, r"train-images-idx3-ubyte\.gz: is damaged")


def test_archive_with_a_flipped_bit(files, folder):
    file = files / "train-labels-idx1-ubyte.gz"
    content = bytearray(file.read_bytes())
    content[-6] ^= 1  # in the checksum
    file.write_bytes(content)
    refused(folder, r"train-labels-idx1-ubyte\.gz: is damaged")


def test_no_archive_at_all(files, folder):
    (files / "train-labels-idx1-ubyte.gz").write_bytes(b"<html>not found</html>")
    refused(folder, r"train-labels-idx1-ubyte\.gz: is no IDX file of bytes")


@pytest.mark.parametrize("magic", [b"\0\0\x0d\x03", b"\0\0\x08\x01", b"\x08\x03\0\0", b""])
def test_wrong_magic_number(files, folder, write_idx, magic):
    write_idx(files / "t10k-images-idx3-ubyte.gz", TEST, magic=magic)
    refused(folder, r"t10k-images-idx3-ubyte\.gz: is no IDX file of bytes in 3 dimensions")


@pytest.mark.parametrize(("change", "found"), [(lambda c: c[:-1], 11), (lambda c: c + b"\0", 13)])
def test_header_that_promises_other_than_there_is(files, folder, change, found):
    file = files / "train-images-idx3-ubyte.gz"
    file.write_bytes(gzip.compress(change(gzip.decompress(file.read_bytes()))))
    refused(folder, rf"train-images-idx3-ubyte\.gz: its header promises 12 values, and it has {found}")


def test_header_cut_short(files, folder):
    (files / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(b"\0\0\x08\x03\0\0"))
    refused(folder, r"train-images-idx3-ubyte\.gz: is no IDX file")


def test_more_labels_than_images(files, folder, write_idx):
    write_idx(files / "train-labels-idx1-ubyte.gz", [1, 2, 3])
    refused(folder, r"train-labels-idx1-ubyte\.gz: 3 labels for 2 images")


def test_label_that_is_no_digit(files, folder, write_idx):
    write_idx(files / "train-labels-idx1-ubyte.gz", [1, 10])
    refused(folder, r"train-labels-idx1-ubyte\.gz: expected labels from 0 to 9")


def test_no_images(files, folder, write_idx):
    write_idx(files / "t10k-images-idx3-ubyte.gz", torch.zeros(0, 2, 3))
    write_idx(files / "t10k-labels-idx1-ubyte.gz", torch.zeros(0))
    refused(folder, r"t10k-labels-idx1-ubyte\.gz: expected labels")


def test_test_images_of_another_size(files, folder, write_idx):
    write_idx(files / "t10k-images-idx3-ubyte.gz", [[[1, 2]]])
    refused(folder, r"t10k-images-idx3-ubyte\.gz: test images are not of the size")


FASHION = DataConfig(name="fashion_mnist")


def test_fashion_mnist_is_read_from_its_own_folder_alone(files, folder, monkeypatch):
    monkeypatch.setattr(torchvision.datasets.FashionMNIST, "mirrors", ["http://127.0.0.1:1/"])
    with pytest.raises(DataError, match=r"fashion_mnist cannot be downloaded .*; put train-images-idx3"):
        load_dataset(FASHION, folder)
    (folder / "FashionMNIST").mkdir()
    files.rename(folder / "FashionMNIST" / "raw")
    dataset = load_dataset(FASHION, folder)
    assert (dataset.name, dataset.source) == ("fashion_mnist", "FashionMNIST/raw/*.gz")
    assert dataset.train.images.tolist() == [[image] for image in TRAIN]
    levels = torch.tensor(TRAIN) / 255
    assert dataset.mean == pytest.approx([levels.mean().item()])
    assert dataset.std == pytest.approx([levels.std(correction=0).item()])


def test_fashion_mnist_is_compared_with_the_published_checksums(files, folder, served, monkeypatch):
    for file in files.iterdir():
        file.rename(served.root / file.name)
    files.rmdir()
    kind = torchvision.datasets.FashionMNIST
    monkeypatch.setattr(kind, "mirrors", [f"{served.url}/"])
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte.gz: differs from the published one"):
        load_dataset(FASHION, folder)
    assert not (folder / "fashion_mnist").exists()
    sums = [(it, hashlib.md5((served.root / it).read_bytes()).hexdigest()) for it in MNIST_FILES]
    assert [it for it, _ in kind.resources] == [it for it, _ in sums]
    monkeypatch.setattr(kind, "resources", sums)
    assert load_dataset(FASHION, folder).source == "fashion_mnist/*.gz"
