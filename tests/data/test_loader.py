import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gst.data import Dataset, Split, batches
from gst.data.loader import Augmentation, augmented, draw_augmentation


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def numbered(n):
    """A data set of n one-pixel images; image and label i both say i."""
    split = Split(torch.arange(n, dtype=torch.uint8).view(n, 1, 1, 1), torch.arange(n))
    return Dataset("numbered", split, split, n, (0.0,), (1 / 255,), "", "")


def seen(dataset, batch_size, **generators):
    return list(batches(dataset.train, batch_size, dataset, **generators))


@given(n=st.integers(1, 40), batch_size=st.integers(1, 45), shuffled=st.booleans())
def test_every_image_comes_once_with_its_label_and_the_last_batch_may_be_short(n, batch_size, shuffled):
    found = seen(numbered(n), batch_size, order=generator() if shuffled else None)
    sizes = [len(batch.labels) for batch in found]
    assert sizes[:-1] == [batch_size] * (len(sizes) - 1)
    assert 1 <= sizes[-1] <= batch_size
    labels = torch.cat([batch.labels for batch in found])
    assert torch.equal(torch.cat([batch.images for batch in found]).flatten().round().long(), labels)
    assert labels.sort().values.tolist() == list(range(n))
    if not shuffled:
        assert labels.tolist() == list(range(n))


def test_cifars_391_batches():
    split = Split(torch.zeros(50_000, 1, 1, 1, dtype=torch.uint8), torch.zeros(50_000, dtype=torch.int64))
    dataset = Dataset("many", split, split, 1, (0.0,), (1.0,), "", "")
    sizes = [len(labels) for _, labels in seen(dataset, 128, order=generator())]
    assert sizes == [128] * 390 + [80]


def test_order_is_the_generators_whatever_the_batch_size():
    dataset = numbered(30)
    orders = [
        torch.cat([batch.labels for batch in seen(dataset, size, order=generator(seed))]).tolist()
        for size, seed in ((7, 0), (30, 0), (7, 1))
    ]
    assert orders[0] == orders[1] == torch.randperm(30, generator=generator()).tolist()
    assert orders[0] != orders[2]


def test_images_are_normalised_channel_by_channel(toy):
    dataset = toy()
    (batch,) = seen(dataset, 100)
    expected = (dataset.train.images.double() / 255 - 0.25) / 0.5
    assert batch.images.dtype == torch.float32
    torch.testing.assert_close(batch.images.double(), expected, atol=1e-6, rtol=0)


def test_each_channel_has_constants_of_its_own():
    split = Split(torch.tensor([51, 102, 255], dtype=torch.uint8).view(1, 3, 1, 1), torch.tensor([0]))
    dataset = Dataset("three", split, split, 1, (0.2, 0.2, 0.5), (0.1, 0.2, 0.25), "", "")
    (batch,) = seen(dataset, 1)
    torch.testing.assert_close(batch.images.flatten(), torch.tensor([0.0, 1.0, 2.0]), atol=1e-6, rtol=0)


def test_the_data_set_itself_is_not_touched(toy):
    dataset = toy()
    before = dataset.train.images.clone()
    for images, _ in batches(dataset.train, 4, dataset, augment=generator()):
        images.zero_()
    assert torch.equal(dataset.train.images, before)


def moved(image, down, right, flip):
    """The slow and obvious way: frame, crop, then flip one image [channels, height, width]."""
    _, height, width = image.shape
    framed = np.pad(image, ((0, 0), (4, 4), (4, 4)))
    crop = framed[:, down : down + height, right : right + width]
    return crop[:, :, ::-1] if flip else crop


def test_every_move_of_an_image():
    """All 162 of them, against an implementation that takes one image at a time."""
    down, right, flip = (
        grid.flatten() for grid in torch.meshgrid(*map(torch.arange, (9, 9, 2)), indexing="ij")
    )
    shape = (len(down), 3, 6, 7)
    images = torch.randint(1, 256, shape, generator=generator(), dtype=torch.uint8)
    result = augmented(images, Augmentation(down, right, flip.bool()))
    expected = [
        moved(image, *move)
        for image, *move in zip(images.numpy(), down.tolist(), right.tolist(), flip.tolist(), strict=True)
    ]
    assert result.dtype == torch.uint8
    assert np.array_equal(result.numpy(), np.stack(expected))


def test_frame_is_black_and_not_the_mean_colour():
    split = Split(torch.full((200, 1, 3, 3), 255, dtype=torch.uint8), torch.zeros(200, dtype=torch.int64))
    dataset = Dataset("white", split, split, 1, (0.5,), (0.25,), "", "")
    (batch,) = seen(dataset, 200, augment=generator())
    assert batch.images.unique().tolist() == [-2.0, 2.0]


def test_moves_are_uniform():
    n = 81_000
    down, right, flip = draw_augmentation(n, generator(), torch.device("cpu"))
    places = (down * 9 + right).bincount(minlength=81).double()
    assert len(places) == 81
    assert ((places - 1000).abs() < 5 * 1000**0.5).all()
    assert abs(int(flip.sum()) - n / 2) < 5 * (n / 4) ** 0.5
    # a flip does not depend on the place
    assert abs(int(flip[down < 4].sum()) / int((down < 4).sum()) - 0.5) < 0.02


def test_moves_are_the_generators_whatever_the_batch_size(toy):
    dataset = toy(tuple(range(10)) * 3)
    runs = [
        torch.cat(
            [batch.images for batch in seen(dataset, size, order=generator(3), augment=generator(seed))]
        )
        for size, seed in ((7, 0), (30, 0), (7, 1))
    ]
    assert torch.equal(runs[0], runs[1])
    assert not torch.equal(runs[0], runs[2])


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_sees_what_a_cpu_sees(toy):
    dataset = toy(tuple(range(10)) * 3)
    here, there = (
        seen(dataset.to(device), 7, order=generator(3), augment=generator(4)) for device in ("cpu", "cuda")
    )
    for one, other in zip(here, there, strict=True):
        assert other.images.device.type == "cuda"
        assert torch.equal(one.labels, other.labels.cpu())
        torch.testing.assert_close(one.images, other.images.cpu())
