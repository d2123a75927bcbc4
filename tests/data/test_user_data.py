"""A data set from a function of the user, in each form that it may have."""

import numpy as np
import pytest
import torch
from PIL import Image

from gst.config import DataConfig
from gst.config.user_code import UserCode
from gst.data import load_dataset
from gst.data.user_data import user_data
from gst.errors import ConfigError

BYTES = np.arange(4 * 3 * 2 * 2, dtype=np.uint8).reshape(4, 3, 2, 2)
PREAMBLE = """\
import numpy as np, torch
from PIL import Image
BYTES = np.arange(4 * 3 * 2 * 2, dtype=np.uint8).reshape(4, 3, 2, 2)
LABELS = [0, 1, 2, 1]
class Pictures:
    def __len__(self):
        return 4
    def __getitem__(self, index):
        return Image.fromarray(BYTES[index].transpose(1, 2, 0)), LABELS[index]
def load(folder):
"""


def config(body):
    return DataConfig(name="module", module="my_data.py:load", source=f"{PREAMBLE}    {body}\n")


@pytest.mark.parametrize(
    "given",
    [
        "(BYTES, LABELS)",
        "(BYTES[:], np.array(LABELS))",
        "[torch.from_numpy(BYTES), torch.tensor(LABELS)]",
        "(BYTES / 255, torch.tensor(LABELS))",
        "(torch.from_numpy(BYTES) / 255, torch.tensor(LABELS, dtype=torch.uint8))",
        "Pictures()",
        "torch.utils.data.TensorDataset(torch.from_numpy(BYTES) / 255, torch.tensor(LABELS))",
    ],
)
def test_each_form_is_the_same_data_set(given, tmp_path):
    dataset = load_dataset(config(f"return {given}, (BYTES[:1], [2])"), tmp_path)
    assert dataset.train.images.dtype == torch.uint8
    assert dataset.train.images.tolist() == BYTES.tolist()
    assert dataset.train.labels.tolist() == [0, 1, 2, 1]
    assert (dataset.test.images.tolist(), dataset.test.labels.tolist()) == (BYTES[:1].tolist(), [2])
    assert (dataset.classes, dataset.name, dataset.source) == (3, "load", "my_data.py")
    levels = BYTES.transpose(1, 0, 2, 3).reshape(3, -1) / 255
    assert np.allclose(dataset.mean, levels.mean(axis=1))
    assert np.allclose(dataset.std, levels.std(axis=1))
    same = load_dataset(config(f"return (BYTES, LABELS), (BYTES[:1], [2])  # {given}"), tmp_path)
    assert same.content_hash == dataset.content_hash


def test_the_function_is_given_the_data_folder(tmp_path):
    Image.fromarray(BYTES[0, 0]).save(tmp_path / "one.png")
    dataset = load_dataset(
        config("return 2 * [(np.array(Image.open(folder / 'one.png'))[None], [0])]"), tmp_path
    )
    assert dataset.train.images.tolist() == [[BYTES[0, 0].tolist()]]  # a channel is put in


@pytest.mark.parametrize(
    ("body", "line", "said"),
    [
        ("return 1 / 0", 11, "load(the data folder) raises ZeroDivisionError: division by zero"),
        ("return 3", 10, "load gives a int, expected training and test images: a pair"),
        ("return (BYTES, LABELS), (BYTES, [0, 1, 2, 3])", 10, "test labels go up to 3, training labels to 2"),
        ("return (BYTES, [0, 1, 2, 255]), (BYTES, LABELS)", 10,
         "expected labels below the number of training images, 4, found 255"),
        ("return (BYTES, LABELS), (BYTES[..., :1], LABELS)", 10,
         "training images are (3, 2, 2) and test images (3, 2, 1)"),
        ("return (BYTES, LABELS[:3]), (BYTES, LABELS)", 10,
         "expected 4 whole numbers as training labels, found torch.int64 (3,)"),
        ("return (BYTES, LABELS), (BYTES, [0., 1., 2., 1.])", 10, "expected 4 whole numbers as test labels"),
        ("return (BYTES, LABELS), (BYTES, [0, 1, 2, -1])", 10, "expected test labels from 0, found -1"),
        ("return (BYTES - 1.5, LABELS), (BYTES, LABELS)", 10,
         "expected training images of floats from 0 to 1, or of bytes, before any normalisation, found "
         "floats from -1.5 to 45.5"),
        ("return (BYTES.astype(int), LABELS), (BYTES, LABELS)", 10,
         "expected training images of bytes, or of floats from 0 to 1, found torch.int64 (4, 3, 2, 2)"),
        ("return (BYTES[0, 0], LABELS), (BYTES, LABELS)", 10,
         "expected training images as [n, channels, height, width], found torch.uint8 (2, 2)"),
        ("return (BYTES, LABELS), (np.zeros((4, 8, 8, 3)), LABELS)", 10,
         "expected test images as [n, channels, height, width], found torch.float64 (4, 8, 8, 3)"),
        ("return BYTES, LABELS", 10,
         "expected training images and labels, a pair, or a data set of such pairs, found uint8 (4, 3, "
         "2, 2)"),
        ("return (BYTES, LABELS), range(3)", 10, "expected test images and labels, a pair, or a data set of"),
        ("LABELS[2] = None; return Pictures(), (BYTES, LABELS)", 10, "the training images and labels of load "
         "raises TypeError"),
        ("LABELS.pop(); return Pictures(), (BYTES, LABELS)", 9, "raises IndexError: list index out of range"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_file_and_line(body, line, said, tmp_path):
    with pytest.raises(ConfigError) as caught:
        load_dataset(config(body), tmp_path)
    assert str(caught.value).startswith(f"data.module: my_data.py:{line}: ")
    assert said in str(caught.value)


def test_labels_of_different_files_are_different():
    one, other = (UserCode("my_data.py:load", text) for text in ("load = 1", "load = 2"))
    assert one.label != other.label
    with pytest.raises(
        ConfigError, match=r"my_data.py:1: load\(the data folder\) raises TypeError: 'int' object"
    ):
        user_data(one, None)
