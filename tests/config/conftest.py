from __future__ import annotations

import pytest
from sweep_text import SWEEP

from gst.config import load_sweep
from gst.errors import ConfigError


@pytest.fixture
def load(tmp_path):
    """Loads a sweep from its text."""

    def load(text=SWEEP, **options):
        path = tmp_path / "s.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_sweep(path, **options)

    return load


@pytest.fixture
def refusal(load, tmp_path):
    """What the user reads about a wrong sweep: lines of `LINE: key: message`."""

    def refusal(text=SWEEP, **options):
        with pytest.raises(ConfigError) as caught:
            load(text, **options)
        return str(caught.value).replace(f"{tmp_path / 's.yaml'}:", "")

    return refusal
