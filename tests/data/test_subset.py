from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gst.config import DataConfig
from gst.data.dataset import normalisation
from gst.data.digits import digits
from gst.data.subset import balanced, mislabelled, training_data
from gst.errors import ConfigError, DataError

LABELS = (2, 0, 1, 1, 0, 2, 2, 0, 1, 0, 0, 2)  # 5 of class 0, 3 of class 1, 4 of class 2


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def config(**values):
    return DataConfig(**{"name": "mnist"} | values)


def drawn(dataset, config, subset=0, labels=0, validation=0):
    return training_data(
        dataset,
        config,
        subset=generator(subset),
        labels=generator(labels),
        validation=generator(validation),
    )


class TestTestImages:
    def test_are_the_first_of_each_class_in_file_order(self, toy):
        whole = toy(LABELS)
        dataset = replace(whole, test=whole.train)
        test = drawn(dataset, config(test_per_class=2)).test
        assert test.labels.tolist() == [2, 0, 1, 1, 0, 2]
        assert torch.equal(test.images, dataset.test.images[[0, 1, 2, 3, 4, 5]])
        assert drawn(dataset, config()).test.labels.tolist() == list(LABELS)

    def test_too_few_are_refused(self, toy):
        whole = toy(LABELS)
        with pytest.raises(
            DataError, match="test_per_class: 4 were asked for, and a class has 3 test images"
        ):
            drawn(replace(whole, test=whole.train), config(test_per_class=4))


class TestSubset:
    def test_has_so_many_of_each_class_in_file_order(self, toy):
        chosen = balanced(toy(LABELS), 3, generator())
        assert chosen.tolist() == sorted(set(chosen.tolist()))
        assert torch.tensor(LABELS)[chosen].bincount().tolist() == [3, 3, 3]

    def test_keeps_each_image_with_its_label(self, toy):
        dataset = toy(LABELS)
        chosen = balanced(dataset, 2, generator())
        train = drawn(dataset, config(per_class=2)).train
        assert torch.equal(train.images, dataset.train.images[chosen])
        assert torch.equal(train.labels, dataset.train.labels[chosen])

    def test_same_seed_same_images_other_seed_others(self, toy):
        dataset = toy(LABELS)
        draws = [tuple(balanced(dataset, 2, generator(seed)).tolist()) for seed in (0, 0, *range(1, 20))]
        assert draws[0] == draws[1]
        assert len(set(draws)) > 5

    def test_every_image_has_its_chance(self, toy):
        dataset = toy(LABELS)
        counts = torch.zeros(len(LABELS))
        for seed in range(600):
            counts[balanced(dataset, 1, generator(seed))] += 1
        expected = torch.tensor([600 / LABELS.count(label) for label in LABELS])
        # five standard deviations of a binomial count
        assert ((counts - expected).abs() < 5 * (expected * (1 - expected / 600)).sqrt()).all()

    def test_smaller_is_part_of_larger(self, toy):
        dataset = toy(LABELS)
        sets = [set(balanced(dataset, n, generator()).tolist()) for n in (1, 2, 3)]
        assert sets[0] < sets[1] < sets[2]

    def test_leaves_test_images_and_constants_alone(self, toy):
        dataset = toy(LABELS)
        result = drawn(dataset, config(per_class=2))
        assert result.test is dataset.test
        for field in ("mean", "std", "classes", "content_hash", "name"):
            assert getattr(result, field) == getattr(dataset, field)

    def test_of_too_small_a_class_is_refused(self, toy):
        with pytest.raises(DataError, match=r"per_class: 4 images .* class 1 of toy has 3"):
            drawn(toy(LABELS), config(per_class=4))

    def test_is_all_without_per_class(self, toy):
        dataset = toy(LABELS)
        assert drawn(dataset, config()) is dataset


@pytest.fixture(scope="module")
def whole():
    return digits()


class TestDigits:
    config = DataConfig(name="digits", per_class=20)

    def test_what_is_not_drawn_is_the_test_set(self, whole):
        result = drawn(whole, self.config)
        assert result.train.labels.bincount().tolist() == [20] * 10
        assert len(result.test.labels) == 1797 - 200
        pairs = [
            sorted(
                (int(label), image.numpy().tobytes())
                for image, label in zip(*map(torch.cat, split), strict=True)
            )
            for split in (zip(result.train, result.test, strict=True), ([part] for part in whole.train))
        ]
        assert pairs[0] == pairs[1]

    def test_constants_are_of_the_training_images_alone(self, whole):
        result = drawn(whole, self.config)
        assert (result.mean, result.std) == normalisation(result.train.images)
        assert result.mean != whole.mean

    def test_too_many_are_refused(self, whole):
        with pytest.raises(DataError, match="class 8 of digits has 174"):
            drawn(whole, DataConfig(name="digits", per_class=175))

    def test_one_image_must_be_left_to_test_on(self, toy):
        with pytest.raises(DataError, match="no image would be left"):
            drawn(toy((0, 1, 0, 1), name="digits"), DataConfig(name="digits", per_class=2))


class TestValidation:
    def test_so_many_are_held_out_and_the_rest_is_trained_on_in_order(self, toy):
        dataset = toy(LABELS)
        result = drawn(dataset, config(validation=0.25))
        held_out = result.held_out.tolist()
        assert len(held_out) == 3
        assert held_out == sorted(held_out)
        rest = [index for index in range(12) if index not in held_out]
        assert torch.equal(result.train.images, dataset.train.images[rest])
        assert torch.equal(result.validation.images, dataset.train.images[held_out])
        assert result.validation.labels.tolist() == [LABELS[index] for index in held_out]

    def test_is_none_unless_asked_for(self, toy):
        result = drawn(toy(LABELS), config())
        assert (result.validation, result.held_out, result.noisy) == (None, None, None)

    def test_same_seed_same_images_other_seed_others(self, toy):
        draws = [
            tuple(drawn(toy(LABELS), config(validation=0.25), validation=seed).held_out.tolist())
            for seed in (0, 0, *range(1, 12))
        ]
        assert draws[0] == draws[1]
        assert len(set(draws)) > 6

    def test_is_of_the_subset_and_keeps_right_labels(self, toy):
        dataset = toy(LABELS)
        result = drawn(dataset, config(validation=0.5, per_class=2, label_noise=1))
        chosen = balanced(dataset, 2, generator())
        right = torch.tensor(LABELS)[chosen]
        assert torch.equal(result.validation.labels, right[result.held_out])
        assert result.noisy.tolist() == [True] * 3

    def test_one_image_at_least_and_never_all(self, toy):
        assert len(drawn(toy(LABELS), config(validation=0.001)).held_out) == 1
        with pytest.raises(
            DataError, match=r"data\.validation: 0\.99 of 12 training images would leave none"
        ):
            drawn(toy(LABELS), config(validation=0.99))


class TestLabelNoise:
    @given(
        n=st.integers(0, 60), classes=st.integers(2, 12), share=st.floats(0, 1), seed=st.integers(0, 2**32)
    )
    def test_changes_exactly_so_many_labels(self, n, classes, share, seed):
        labels = torch.arange(n) % classes
        wrong = mislabelled(labels, classes, share, generator(seed))
        assert int((wrong != labels).sum()) == round(share * n)
        assert ((wrong >= 0) & (wrong < classes)).all()

    def test_draws_every_other_class_alike(self):
        labels = torch.full((4000,), 2)
        counts = mislabelled(labels, 5, 1.0, generator()).bincount(minlength=5)
        assert counts[2] == 0
        assert all(abs(count - 1000) < 5 * (1000 * 0.75) ** 0.5 for count in counts[[0, 1, 3, 4]].tolist())

    def test_same_seed_same_labels_other_seed_others(self):
        labels = torch.arange(50) % 10
        first, again, other = (mislabelled(labels, 10, 0.5, generator(seed)) for seed in (0, 0, 1))
        assert torch.equal(first, again)
        assert not torch.equal(first, other)

    def test_smaller_share_is_part_of_larger(self):
        labels = torch.arange(50) % 10
        few, many = (mislabelled(labels, 10, share, generator()) for share in (0.2, 0.6))
        changed = few != labels
        assert torch.equal(few[changed], many[changed])

    def test_is_in_the_training_subset_and_not_in_the_test_set(self, toy):
        dataset = toy(LABELS)
        clean = drawn(dataset, config(per_class=2))
        noisy = drawn(dataset, config(per_class=2, label_noise=0.5))
        assert int((clean.train.labels != noisy.train.labels).sum()) == 3
        assert torch.equal(clean.train.images, noisy.train.images)
        assert noisy.test is dataset.test
        assert dataset.train.labels.tolist() == list(LABELS)

    def test_with_one_class_there_is_no_wrong_label(self, toy):
        with pytest.raises(DataError, match="only one class"):
            drawn(toy((0, 0), (0,)), config(label_noise=0.5))


class TestNormalisation:
    def test_is_the_data_sets_own_unless_imagenets_is_asked_for(self, toy):
        whole = toy(LABELS)
        own, other = (drawn(whole, config(name="cifar10", normalisation=it)) for it in ("own", "imagenet"))
        assert (own.mean, own.std) == (whole.mean, whole.std)
        assert (other.mean, other.std) == ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
        assert other.train is whole.train

    def test_of_imagenet_is_refused_for_images_without_colour(self, toy):
        with pytest.raises(
            ConfigError, match=r"data\.normalisation: imagenet is for 3 .* toy have 1; use own"
        ):
            drawn(toy(LABELS, channels=1), config(name="folder", folder="x", normalisation="imagenet"))
