from __future__ import annotations

import pytest
import torch
from runs import spec_of

from gst.data import load_dataset


@pytest.fixture(scope="session")
def digits(tmp_path_factory):
    return load_dataset(spec_of().config.data, tmp_path_factory.mktemp("data"))


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
