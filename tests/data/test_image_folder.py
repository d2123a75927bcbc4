import zipfile

import numpy as np
import pytest
from PIL import Image

from gst.config import DataConfig
from gst.data import load_dataset
from gst.errors import DataError

RED, GREEN, BLUE = (
    np.tile(np.array(c, np.uint8), (2, 3, 1)) for c in ((255, 0, 0), (0, 255, 0), (0, 0, 255))
)
GREY = np.full((2, 3), 100, np.uint8)
PICTURES = {
    "train/dog/b.png": RED,
    "train/dog/a.png": GREEN,
    "train/cat/z.png": BLUE,
    "test/cat/1.png": GREEN,
    "test/dog/1.png": RED,
}
FORMS = ["pets", "pets.zip"]


def load(folder, name="pets"):
    return load_dataset(DataConfig(name="folder", folder=name), folder)


@pytest.mark.parametrize("name", FORMS)
def test_classes_and_images_are_in_the_order_of_their_names(folder, write_images, name):
    write_images(folder / "pets", PICTURES)
    dataset = load(folder, name)
    assert dataset.train.labels.tolist() == [0, 1, 1]
    assert dataset.test.labels.tolist() == [0, 1]
    colours = [image[:, 0, 0].tolist() for image in (*dataset.train.images, *dataset.test.images)]
    assert colours == [[0, 0, 255], [0, 255, 0], [255, 0, 0], [0, 255, 0], [255, 0, 0]]
    assert (dataset.name, dataset.source, dataset.classes) == ("pets", name, 2)
    assert dataset.image == (3, 2, 3)
    assert dataset.mean == (1 / 3, 1 / 3, 1 / 3)
    assert dataset.std == pytest.approx([2**0.5 / 3] * 3, rel=1e-15)


def test_rows_and_columns_stay_what_they_are(folder, write_images):
    ramp = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
    write_images(folder / "pets", PICTURES | {"test/cat/1.png": ramp})
    assert np.array_equal(load(folder).test.images[0].numpy(), ramp.transpose(2, 0, 1))


def test_folder_and_zip_file_have_the_same_content(folder, write_images):
    write_images(folder / "pets", PICTURES)
    first, second = (load(folder, name) for name in FORMS)
    assert first.content_hash == second.content_hash
    # and from the cache
    assert {load(folder, name).content_hash for name in FORMS} == {first.content_hash}


@pytest.mark.parametrize("name", FORMS)
def test_decoded_once_until_a_file_changes(folder, write_images, name, caplog):
    caplog.set_level("INFO", logger="gst")
    write_images(folder / "pets", PICTURES)
    before = load(folder, name)
    load(folder, name)
    assert caplog.text.count("decoding 5 images") == 1
    write_images(folder / "pets", PICTURES | {"test/dog/2.png": BLUE})
    after = load(folder, name)
    assert caplog.text.count("decoding 6 images") == 1
    assert (len(before.test.labels), len(after.test.labels)) == (2, 3)


def test_grey_images_have_one_channel(folder, write_images):
    write_images(folder / "pets", dict.fromkeys(PICTURES, GREY) | {"test/cat/1.png": GREY > 50})
    dataset = load(folder)
    assert dataset.image == (1, 2, 3)
    assert dataset.train.images.unique().tolist() == [100]
    assert dataset.std == (1.0,)


def test_one_coloured_image_makes_three_channels_of_all(folder, write_images):
    write_images(folder / "pets", dict.fromkeys(PICTURES, GREY) | {"test/cat/1.png": RED})
    dataset = load(folder)
    assert dataset.train.images.shape == (3, 3, 2, 3)
    assert dataset.train.images.unique().tolist() == [100]
    assert dataset.test.images[0, :, 0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("name", FORMS)
def test_hidden_files_and_other_folders_are_passed_over(folder, write_images, name):
    write_images(
        folder / "pets",
        PICTURES | {"val/dog/1.png": GREY, "cover.png": GREY, "train/.thumbnails/x.png": GREY},
    )
    (folder / "pets" / "train" / "cat" / ".DS_Store").write_bytes(b"?")
    with zipfile.ZipFile(folder / "pets.zip", "a") as archive:
        archive.writestr("train/cat/.DS_Store", b"?")
        archive.writestr("__MACOSX/train/cat/z.png", b"?")
    dataset = load(folder, name)
    assert (len(dataset.train.labels), dataset.classes) == (3, 2)


def test_class_may_be_absent_from_the_test_images(folder, write_images):
    write_images(folder / "pets", {key: PICTURES[key] for key in PICTURES if key != "test/cat/1.png"})
    assert load(folder).test.labels.tolist() == [1]


@pytest.mark.parametrize("name", FORMS)
class TestRefuses:
    def refused(self, folder, name, message):
        with pytest.raises(DataError, match=message):
            load(folder, name)

    def test_image_of_another_size(self, folder, write_images, name):
        write_images(folder / "pets", PICTURES | {"test/dog/1.png": GREY[:, :2]})
        self.refused(
            folder,
            name,
            r"test/dog/1\.png is 2x2 pixels and train/cat/z\.png is 3x2; all must be of one size",
        )

    def test_file_that_is_no_image(self, folder, write_images, name):
        write_images(folder / "pets", PICTURES)
        (folder / "pets" / "train" / "dog" / "a.png").write_text("meow")
        write_images(folder / "pets", {})
        self.refused(folder, name, r"train/dog/a\.png: is not a readable image: expected one of")

    def test_image_that_ends_too_early(self, folder, write_images, name):
        noise = np.random.default_rng(0).integers(256, size=(2, 3, 3))
        write_images(folder / "pets", PICTURES | {"train/dog/a.png": noise})
        file = folder / "pets" / "train" / "dog" / "a.png"
        file.write_bytes(file.read_bytes()[:50])
        write_images(folder / "pets", {})
        self.refused(folder, name, r"train/dog/a\.png: is not a readable image")

    def test_more_than_eight_bits(self, folder, write_images, name):
        write_images(folder / "pets", PICTURES)
        Image.fromarray(np.full((2, 3), 1000, np.uint16)).save(folder / "pets" / "train" / "cat" / "z.png")
        write_images(folder / "pets", {})
        self.refused(folder, name, r"train/cat/z\.png has more than 8 bits a channel")

    @pytest.mark.parametrize(
        ("stray", "named"),
        [
            ("train/loose.png", "train/loose.png is not"),
            ("test/cat/deep/er.png", "test/cat/deep is a folder, and not"),
        ],
    )
    def test_image_out_of_place(self, folder, write_images, name, stray, named):
        write_images(folder / "pets", PICTURES | {stray: RED})
        self.refused(folder, name, rf"{named} of the form (train|test)/<class>/<image>")

    def test_class_that_only_the_test_images_have(self, folder, write_images, name):
        write_images(folder / "pets", PICTURES | {"test/emu/1.png": RED})
        self.refused(folder, name, r"test/ has classes that train/ lacks: emu")

    @pytest.mark.parametrize("missing", ["train", "test"])
    def test_split_without_images(self, folder, write_images, name, missing):
        write_images(folder / "pets", {key: PICTURES[key] for key in PICTURES if not key.startswith(missing)})
        self.refused(folder, name, rf"has no images of the form {missing}/<class>/<image>")


def test_name_that_does_not_exist_is_answered_with_those_that_do(folder, write_images):
    write_images(folder / "pets", PICTURES)
    with pytest.raises(
        DataError, match=r"no folder or zip file 'pet'.*did you mean 'pets'\? There are: pets, pets.zip"
    ):
        load(folder, "pet")


def test_folder_that_does_not_exist(tmp_path):
    with pytest.raises(DataError, match=r"no folder or zip file 'pets' in .*nowhere; there are: none"):
        load(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["../pets", "/pets", "a/b", "..", "."])
def test_names_that_lead_out_of_the_data_folder(folder, name):
    with pytest.raises(DataError, match="must be a plain name in the data folder"):
        load(folder, name)


def test_truncated_zip_file(folder, write_images):
    write_images(folder / "pets", PICTURES)
    file = folder / "pets.zip"
    file.write_bytes(file.read_bytes()[:-30])
    with pytest.raises(DataError, match=r"pets\.zip: is neither a folder nor a readable zip file"):
        load(folder, "pets.zip")


def test_zip_file_with_a_flipped_bit_names_the_image(folder, write_images):
    write_images(folder / "pets", PICTURES)
    file = folder / "pets.zip"
    with zipfile.ZipFile(file) as archive:
        entry = archive.getinfo("test/dog/1.png")
    content = bytearray(file.read_bytes())
    content[entry.header_offset + 30 + len(entry.filename) + 40] ^= 1
    file.write_bytes(content)
    with pytest.raises(DataError, match=r"test/dog/1\.png: cannot be read: Bad CRC-32"):
        load(folder, "pets.zip")


def test_zip_file_with_a_damaged_directory(folder, write_images):
    write_images(folder / "pets", PICTURES)
    file = folder / "pets.zip"
    content = bytearray(file.read_bytes())
    content[content.index(b"PK\x01\x02")] = 0
    file.write_bytes(content)
    with pytest.raises(DataError, match=r"pets\.zip: is damaged"):
        load(folder, "pets.zip")
