import gzip
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from processes import PATIENCE

from gst.data.dataset import Dataset, Split, content_hash


@pytest.fixture(autouse=True)
def user_cache(tmp_path, monkeypatch):
    """A user's cache folder of the test's own."""
    folder = tmp_path / "user-cache"
    monkeypatch.setattr("gst.paths.platformdirs.user_cache_dir", lambda _name: str(folder))
    return folder


@pytest.fixture
def folder(tmp_path):
    """A data folder."""
    path = tmp_path / "data"
    path.mkdir()
    return path


@pytest.fixture
def served(tmp_path):
    """A folder that a web server serves, and its URL; answers wait halfway unless they `may_go_on`."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def copyfile(self, source, outputfile):
            content = source.read()
            outputfile.write(content[: len(content) // 2])
            outputfile.flush()
            server.halfway.set()
            assert server.may_go_on.wait(PATIENCE)
            outputfile.write(content[len(content) // 2 :])

    root = tmp_path / "internet"
    root.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=root)) as server:
        server.halfway, server.may_go_on = threading.Event(), threading.Event()
        server.may_go_on.set()
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_port}"
            yield SimpleNamespace(root=root, url=url, halfway=server.halfway, may_go_on=server.may_go_on)
        finally:
            server.may_go_on.set()
            server.shutdown()
            thread.join()


@pytest.fixture
def toy():
    """Makes data sets of random images, 2 by 3 pixels, with labels as given."""

    def make(train_labels=(0, 1, 0, 1, 2, 2), test_labels=(0, 1, 2), channels=3, name="toy"):
        generator = torch.Generator().manual_seed(5)

        def split(labels):
            images = torch.randint(256, (len(labels), channels, 2, 3), generator=generator, dtype=torch.uint8)
            return Split(images, torch.tensor(labels, dtype=torch.int64))

        train, test = split(train_labels), split(test_labels)
        classes = max(train_labels) + 1
        constants = (0.25,) * channels, (0.5,) * channels
        return Dataset(name, train, test, classes, *constants, content_hash(train, test), "toy source")

    return make


@pytest.fixture
def write_idx():
    """Writes an array of bytes as a gzipped IDX file."""

    def write(path, values, magic=None):
        values = np.asarray(values, np.uint8)
        header = bytes((0, 0, 8, values.ndim)) if magic is None else magic
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(header + np.array(values.shape, ">u4").tobytes() + values.tobytes()))

    return write


@pytest.fixture
def write_images():
    """Writes pictures (arrays of bytes) under a folder, and that folder as a zip file beside it."""

    def write(folder: Path, pictures):
        for name, pixels in pictures.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.asarray(pixels, np.uint8)).save(path)
        with zipfile.ZipFile(folder.with_name(folder.name + ".zip"), "w") as archive:
            for path in sorted(
                folder.rglob("*"), reverse=True
            ):  # the order in a zip file is no one's concern
                archive.write(path, path.relative_to(folder))

    return write
