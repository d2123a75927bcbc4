"""The part of a data set that one run trains on, and the noise in its labels."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from gst.config import DataConfig
from gst.data.dataset import IMAGENET, Dataset, Split, normalisation
from gst.errors import ConfigError, DataError


def training_data(
    dataset: Dataset,
    config: DataConfig,
    *,
    subset: torch.Generator,
    labels: torch.Generator,
    validation: torch.Generator,
) -> Dataset:
    """The data of one run: a class-balanced training subset, some of its labels wrong, clean test images.

    Validation images are held out of the subset before labels are made wrong, whatever their class.
    Of the test images, those of `test_per_class` are the first of each class.
    Of digits, what is not drawn becomes the test set, and the drawn images alone give mean and standard
    deviation. All other data sets keep their own, unless ImageNet's are asked for. Smaller subsets, and
    smaller shares of wrong labels, drawn from the same generators are parts of larger ones.

    Raises DataError where a class has too few images, and ConfigError for ImageNet's normalisation of
    images that are not in colour.
    """
    if config.per_class is not None:
        chosen = balanced(dataset, config.per_class, subset)
        train = dataset.train.at(chosen)
        if dataset.name == "digits":
            assert isinstance(train.images, Tensor)
            dataset = replace(
                dataset, test=_rest(dataset.train, chosen), **normalisation(train.images)._asdict()
            )
        dataset = replace(dataset, train=train, indices=chosen.cpu())
    if config.normalisation == "imagenet":
        dataset = _normalised_as_imagenet(dataset)
    if config.test_per_class is not None:
        first = _first(dataset.test.labels, dataset.classes, config.test_per_class)
        dataset = replace(dataset, test=dataset.test.at(first))
    if config.validation:
        dataset = _hold_out(dataset, config.validation, validation)
    if config.label_noise:
        right = dataset.train.labels
        wrong = mislabelled(right, dataset.classes, config.label_noise, labels)
        train = Split(dataset.train.images, wrong)
        dataset = replace(dataset, train=train, noisy=wrong != right, right_labels=right)
    return dataset


def without(dataset: Dataset, left_out: Tensor) -> Dataset:
    """The data of one run without the training images of these indices in the split of the whole data set.

    Labels, the validation images and the images of the rest stay as they are. Indices of images that are not
    trained on are passed over.
    """
    before = dataset.train_indices()
    stays = ~torch.isin(before, left_out)
    if not stays.any():
        raise DataError("data.leave_out: no image would be left to train on")
    chosen = stays.nonzero().flatten().to(dataset.train.labels.device)

    def part(of: Tensor | None) -> Tensor | None:
        return None if of is None else of.index_select(0, chosen)

    return replace(
        dataset,
        train=dataset.train.at(chosen),
        noisy=part(dataset.noisy),
        right_labels=part(dataset.right_labels),
        indices=before[stays],
        left_out=before[~stays],
    )


def balanced(dataset: Dataset, per_class: int, generator: torch.Generator) -> Tensor:
    """The indices (int64, rising) of `per_class` random training images of each class."""
    labels = dataset.train.labels.cpu()
    chosen = []
    for label in range(dataset.classes):
        members = (labels == label).nonzero().flatten()
        if len(members) < per_class:
            raise DataError(
                f"data.per_class: {per_class} images of each class were asked for, and class {label} of "
                f"{dataset.name} has {len(members)}"
            )
        order = torch.randperm(len(members), generator=generator)
        chosen.append(members[order[:per_class]])
    return torch.cat(chosen).sort().values.to(dataset.train.labels.device)


def mislabelled(labels: Tensor, classes: int, share: float, generator: torch.Generator) -> Tensor:
    """The labels (int64, [n]), with exactly round(share * n) replaced by another class, each as likely."""
    if classes < 2:
        raise DataError("data.label_noise: there is only one class, so no label can be wrong")
    n = len(labels)
    victims = torch.randperm(n, generator=generator)[: round(share * n)].to(labels.device)
    steps = torch.randint(1, classes, (n,), generator=generator).to(labels.device)
    wrong = labels.clone()
    wrong[victims] = (labels[victims] + steps[: len(victims)]) % classes
    return wrong


def _normalised_as_imagenet(dataset: Dataset) -> Dataset:
    channels = dataset.image[0]
    if channels != len(IMAGENET.mean):
        raise ConfigError(
            f"data.normalisation: imagenet is for {len(IMAGENET.mean)} channels, and the images of "
            f"{dataset.name} have {channels}; use own"
        )
    return replace(dataset, **IMAGENET._asdict())


def _hold_out(dataset: Dataset, share: float, generator: torch.Generator) -> Dataset:
    """Exactly round(share * n) random training images become the validation images, at least one."""
    split = dataset.train
    n = len(split.labels)
    count = max(1, round(share * n))
    if count >= n:
        raise DataError(f"data.validation: {share} of {n} training images would leave none to train on")
    order = torch.randperm(n, generator=generator)
    held_out, trained = (part.sort().values for part in (order[:count], order[count:]))
    device = split.labels.device
    return replace(
        dataset,
        train=split.at(trained.to(device)),
        validation=split.at(held_out.to(device)),
        held_out=held_out,
        indices=dataset.train_indices()[trained],
    )


def _first(labels: Tensor, classes: int, per_class: int) -> Tensor:
    """The indices (int64, rising) of the first `per_class` images of each class."""
    members = [(labels == label).nonzero().flatten() for label in range(classes)]
    fewest = min(len(indices) for indices in members)
    if fewest < per_class:
        raise DataError(
            f"data.test_per_class: {per_class} were asked for, and a class has {fewest} test images; "
            f"-s data.test_per_class={fewest} tests on as many"
        )
    return torch.cat([indices[:per_class] for indices in members]).sort().values


def _rest(split: Split, chosen: Tensor) -> Split:
    left = torch.ones(len(split.labels), dtype=torch.bool, device=split.labels.device)
    left[chosen] = False
    if not left.any():
        raise DataError("data.per_class: no image would be left to test on")
    return split.at(left.nonzero().flatten())
