"""ImageNet from its files: what is listed, and what batches are made of it."""

import numpy as np
import pytest
import torch
from pictures import write_pictures
from PIL import Image

from gst.config import DataConfig
from gst.data import batches, load_dataset, training_data
from gst.data.crop import central_crop, random_crop
from gst.data.files import ImageFiles
from gst.errors import DataError

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)


def load(folder, name="pictures"):
    return load_dataset(DataConfig(name="imagenet", folder=name), folder)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def pictures(folder):
    return write_pictures(folder / "pictures")


@pytest.fixture
def threads():
    """Have torch compute, and files be decoded, with so many threads."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def opened(pictures, name):
    with Image.open(pictures / name) as image:
        return image.convert("RGB")


def test_classes_and_images_are_in_the_order_of_their_names(folder, pictures):
    dataset = load(folder)
    assert dataset.train.labels.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert dataset.test.labels.tolist() == [0, 0, 1, 1, 2, 2]
    assert dataset.train.images.names.tolist() == [
        f"train/n{label:08}/{number}.JPEG".encode() for label in range(3) for number in range(4)
    ]
    assert (dataset.name, dataset.source, dataset.classes) == ("imagenet", "pictures", 3)
    assert dataset.image == (3, 224, 224)
    assert (dataset.mean, dataset.std) == ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def test_test_images_are_the_middle_of_their_pictures(folder, pictures):
    dataset = load(folder)
    found = list(batches(dataset.test, 4, dataset))
    assert [(it.images.shape, it.labels.tolist()) for it in found] == [
        ((4, 3, 224, 224), [0, 0, 1, 1]),
        ((2, 3, 224, 224), [2, 2]),
    ]
    third = central_crop(opened(pictures, "val/n00000001/0.JPEG"))
    torch.testing.assert_close(found[0].images[2], (third / 255 - MEAN) / STD, atol=1e-5, rtol=0)


def test_every_image_comes_once_with_its_label_in_an_order_of_the_generator(folder, pictures):
    dataset = load(folder)
    found = list(batches(dataset.train, 5, dataset, order=generator(3)))
    order = torch.randperm(12, generator=generator(3))
    assert torch.equal(torch.cat([it.labels for it in found]), dataset.train.labels[order])
    images = torch.cat([it.images for it in found])
    (straight,) = batches(dataset.train, 12, dataset)
    assert torch.equal(images, straight.images[order])


def test_augmentation_is_of_each_image_alone_whatever_batches_and_threads(folder, pictures, threads):
    dataset = load(folder)

    def seen(batch_size, seed=0, count=1):
        threads(count)
        found = batches(dataset.train, batch_size, dataset, order=generator(1), augment=generator(seed))
        return torch.cat([it.images for it in found])

    first = seen(12)
    assert torch.equal(seen(5, count=2), first)
    assert not torch.equal(seen(12, seed=1), first)
    order = torch.randperm(12, generator=generator(1))
    seeds = torch.randint(2**63 - 1, (12,), generator=generator(0)).tolist()
    for place in (0, 7):
        name = dataset.train.images.names[order[place]].decode()
        expected = random_crop(opened(pictures, name), generator(seeds[place]))
        torch.testing.assert_close(first[place], (expected / 255 - MEAN) / STD, atol=1e-5, rtol=0)


def test_a_reader_that_stops_early_leaves_no_threads(folder, pictures):
    import threading

    dataset = load(folder)
    before = threading.active_count()
    found = batches(dataset.train, 2, dataset)
    next(found)
    found.close()
    assert threading.active_count() == before


def test_subsets_noise_and_devices_are_as_of_images_in_memory(folder, pictures):
    whole = load(folder)
    config = DataConfig(
        name="imagenet", folder="pictures", per_class=2, test_per_class=1, label_noise=0.5, validation=1 / 3
    )
    streams = {name: generator() for name in ("subset", "labels", "validation")}
    dataset = training_data(whole, config, **streams).to("cpu")
    assert [len(it.labels) for it in (dataset.train, dataset.validation, dataset.test)] == [4, 2, 3]
    assert dataset.test.images.names.tolist() == [f"val/n{label:08}/0.JPEG".encode() for label in range(3)]
    true = [int(name.split(b"/")[1][1:]) for name in dataset.train.images.names.tolist()]
    assert (dataset.train.labels != torch.tensor(true)).tolist() == dataset.noisy.tolist()
    assert int(dataset.noisy.sum()) == 2
    assert len(next(iter(batches(dataset.validation, 9, dataset))).labels) == 2


def test_indices_may_be_a_mask(folder, pictures):
    files = load(folder).test.images
    mask = torch.tensor([True, False, False, False, False, True])
    assert files[mask].names.tolist() == [files.names[0], files.names[5]]
    assert isinstance(files[mask], ImageFiles)


def test_content_hash_is_of_paths_and_sizes(folder, pictures):
    first = load(folder).content_hash
    assert load(folder).content_hash == first
    file = pictures / "val" / "n00000001" / "0.JPEG"
    content = file.read_bytes()
    file.write_bytes(content[:-1] + b"?")
    assert load(folder).content_hash == first
    file.write_bytes(content + b"?")
    assert load(folder).content_hash != first
    file.write_bytes(content)
    file.rename(file.with_name("9.JPEG"))
    assert load(folder).content_hash != first


def test_hidden_files_and_other_folders_are_passed_over(folder, pictures):
    (pictures / "train" / ".DS_Store").write_bytes(b"?")
    (pictures / "train" / "n00000000" / "._1.JPEG").write_bytes(b"?")
    (pictures / "ILSVRC").mkdir()
    assert len(load(folder).train.labels) == 12


def test_grey_and_other_pictures_become_colour(folder, pictures):
    grey = Image.fromarray(np.full((300, 300), 100, np.uint8))
    grey.save(pictures / "val" / "n00000000" / "0.JPEG")
    grey.convert("CMYK").save(pictures / "val" / "n00000000" / "1.JPEG")
    dataset = load(folder)
    images = dataset.test.images
    assert images.decoded(0, None).unique().tolist() == [100]
    assert images.decoded(1, None).shape == (3, 224, 224)


class TestRefuses:
    def refused(self, folder, message, name="pictures"):
        with pytest.raises(DataError, match=message):
            load(folder, name)

    def test_a_folder_that_is_not_there(self, folder):
        self.refused(
            folder, r"data/imagenet: is not there; .* pictures in .*imagenet/train/<class> and", None
        )
        self.refused(folder, r"no folder or zip file 'birds' in .*GST_DATA_DIR", "birds")

    def test_a_split_that_is_not_there(self, folder, pictures):
        (pictures / "val").rename(pictures / "held-out")
        self.refused(
            folder, r"pictures: has no images of the form val/<class>/<image>; there is held-out, train"
        )

    def test_unsorted_test_images(self, folder, pictures):
        (pictures / "val" / "n00000000" / "0.JPEG").rename(pictures / "val" / "ILSVRC2012_val_1.JPEG")
        self.refused(
            folder, r"val/ILSVRC2012_val_1\.JPEG is not of the form val/<class>/<image>; .* unsorted"
        )

    def test_folders_inside_classes(self, folder, pictures):
        (pictures / "train" / "n00000000" / "more").mkdir()
        self.refused(folder, r"n00000000/more is a folder, and not of the form train/<class>/<image>")

    def test_a_split_without_images(self, folder, pictures):
        for file in (pictures / "val").rglob("*.JPEG"):
            file.unlink()
        self.refused(folder, r"has no images of the form val/<class>/<image>")

    def test_classes_that_only_the_test_images_have(self, folder, pictures):
        (pictures / "val" / "n00000002").rename(pictures / "val" / "n00000009")
        self.refused(folder, r"val/ has classes that train/ lacks: n00000009")

    def test_other_pictures_under_imagenets_name(self, folder, pictures):
        pictures.rename(folder / "imagenet")
        self.refused(folder, r"ImageNet has 1000 classes, and train/ has 3 .*: data\.folder", None)

    @pytest.mark.parametrize("name", ["..", "a/b", "/tmp"])
    def test_a_folder_elsewhere(self, folder, name):
        self.refused(folder, r"data\.folder: must be a plain name", name)

    def test_a_file_that_is_no_image_once_it_is_needed(self, folder, pictures):
        (pictures / "train" / "n00000001" / "2.JPEG").write_bytes(b"meow")
        dataset = load(folder)
        with pytest.raises(DataError, match=r"train/n00000001/2\.JPEG: is not a readable image"):
            list(batches(dataset.train, 5, dataset))
