"""What is shipped: wheel, sdist and editable install carry sweeps, migrations and dashboards along."""

from __future__ import annotations

import email
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
CONTENT = ("sweeps", "db", "dashboards")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def run(*command, cwd, **environment):
    """What the command prints; its complaints are in the error where it fails."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def in_git(*folders):
    """The files of these folders that git has or would take: a new file is shipped before it is committed."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = run("git", "ls-files", "-co", "--exclude-standard", *folders, cwd=ROOT).splitlines()
    return {name for name in listed if (ROOT / name).exists()}


def in_wheel(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A folder with the wheel built from the checkout, and one with the sdist and the wheel built from it."""
    direct, through = tmp_path_factory.mktemp("direct"), tmp_path_factory.mktemp("through")
    build = (sys.executable, "-m", "build", "--no-isolation", "--outdir")
    run(*build, direct, "--wheel", ROOT, cwd=direct)
    run(*build, through, ROOT, cwd=through)
    return direct, through


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """A folder into which the wheel is installed."""
    target = tmp_path_factory.mktemp("site")
    (wheel,) = built[0].glob("*.whl")
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*pip, "--no-index", "--no-deps", "--target", target, wheel, cwd=target)
    return target


@pytest.mark.slow
def test_a_wheel_carries_the_package_and_the_content_folders_without_results(built):
    content = (it for it in in_git(*CONTENT) if not re.fullmatch(r"sweeps/results/.*\.(zip|svg)", it))
    wanted = {f"gst/_project/{name}" for name in content} | in_git("gst")
    for folder in built:
        (wheel,) = folder.glob("*.whl")
        assert in_wheel(wheel) == wanted
    assert "gst/py.typed" in wanted
    assert {name.split("/")[2] for name in wanted if name.startswith("gst/_project/")} == set(CONTENT)


@pytest.mark.slow
def test_an_sdist_carries_what_it_takes_to_build_and_test(built):
    (sdist,) = built[1].glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names >= in_git("gst", "tests", "docker", *CONTENT) | {"Makefile", "README.md", "pyproject.toml"}


@pytest.mark.slow
def test_a_wheel_says_what_it_is(built):
    (wheel,) = built[0].glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        says = email.message_from_bytes(archive.read(name))
        scripts = archive.read(name.replace("METADATA", "entry_points.txt")).decode()
    assert (says["Name"], says["Version"]) == ("gst", PROJECT["version"])
    assert {Requirement(text).name for text in says.get_all("Requires-Dist")} >= {
        "torch",
        "ray",
        "sqlalchemy",
    }
    assert "gst = gst.cli:main" in scripts


FIND = """
import gst
from pathlib import Path
from gst.config import load_sweep
from gst.paths import project_folder
for name in ("sweeps", "db", "dashboards"):
    print(project_folder(name))
assert gst.__version__ == {version!r}
print(Path(gst.__file__).parent)
print(load_sweep(project_folder("sweeps") / "quickstart.yaml").name)
"""


@pytest.mark.slow
def test_an_installed_wheel_finds_its_folders_inside_the_package(installed, tmp_path):
    script = FIND.format(version=PROJECT["version"])
    found = run(
        sys.executable, "-W", "error", "-c", script, cwd=tmp_path, PYTHONPATH=str(installed)
    ).splitlines()
    assert found == [
        *(str(installed / "gst" / "_project" / name) for name in CONTENT),
        str(installed / "gst"),
        "quickstart",
    ]


@pytest.mark.slow
def test_an_installed_wheel_makes_a_store_from_the_migrations_it_carries(installed, tmp_path):
    script = "from gst.store import Store\nStore.open('sqlite:///gst.db', create=True)"
    run(sys.executable, "-c", script, cwd=tmp_path, PYTHONPATH=str(installed))
    assert (tmp_path / "gst.db").stat().st_size > 0


@pytest.mark.slow
def test_an_installed_wheel_has_its_command(installed, tmp_path):
    assert "sweep" in run(installed / "bin" / "gst", "--help", cwd=tmp_path, PYTHONPATH=str(installed))


def test_an_editable_install_finds_its_folders_beside_the_package(tmp_path):
    if '"editable": true' not in (metadata.distribution("gst").read_text("direct_url.json") or ""):
        pytest.skip("gst is not installed as editable here")
    found = run(sys.executable, "-c", FIND.format(version=metadata.version("gst")), cwd=tmp_path).splitlines()
    assert found == [*(str(ROOT / name) for name in CONTENT), str(ROOT / "gst"), "quickstart"]


def constraints():
    lines = (ROOT / "docker" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def test_constraints_are_plain_exact_versions():
    versions = constraints()
    assert list(versions) == sorted(versions)
    for name, version in versions.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name), name
        assert re.fullmatch(r"[0-9]+(\.[0-9]+)*(\.?(post|rc|a|b)[0-9]+)?", version), (name, version)


@pytest.mark.parametrize(
    "text",
    [*PROJECT["dependencies"], *(it for extra in PROJECT["optional-dependencies"].values() for it in extra)],
)
def test_constraints_meet_every_requirement(text):
    requirement = Requirement(text)
    name = requirement.name.lower().replace("_", "-")
    assert constraints()[name] in requirement.specifier


def test_the_image_is_built_from_what_the_wheel_is_built_from():
    steps = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
    copied = {name for line in re.findall(r"^COPY (?!--from)(.*) \S+$", steps, re.M) for name in line.split()}
    wanted = {"gst", *CONTENT, "README.md", "LICENSE", "pyproject.toml", "docker/constraints.txt"}
    assert copied == wanted
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line[1:] for line in ignored if line.startswith("!")} == wanted


@pytest.fixture
def checkout(tmp_path):
    """A folder with what the Makefile's set-up reads, and a Python that only writes down what it is asked."""
    (tmp_path / "docker").mkdir()
    for name in ("venv.sh", "constraints.txt"):
        (tmp_path / "docker" / name).write_bytes((ROOT / "docker" / name).read_bytes())
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$@" >>asked\ncase "$*" in *torch*) exit ${NO_TORCH:-0} ;; esac\n')
    python.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize(("no_torch", "kept"), [("1", False), ("0", True)])
def test_set_up_keeps_a_torch_that_is_there_and_else_takes_the_exact_one(checkout, no_torch, kept):
    run("sh", "docker/venv.sh", cwd=checkout, NO_TORCH=no_torch)
    used = (checkout / ".venv" / "constraints.txt").read_text().splitlines()
    names = {line.split("==")[0] for line in used}
    left_out = {name for name in constraints() if re.match("torch|triton|nvidia|cuda", name)}
    assert {"torch", "torchvision", "triton"} <= left_out
    assert names == set(constraints()) - (left_out if kept else set())
    assert (checkout / "asked").read_text().splitlines()[-1].endswith("-c .venv/constraints.txt -e .[dev]")


def test_set_up_without_a_usable_python_says_what_is_needed(checkout):
    (checkout / ".venv" / "bin" / "python").unlink()
    done = subprocess.run(
        ["sh", "docker/venv.sh"],
        cwd=checkout,
        env=os.environ | {"PYTHON": "/bin/false nonsense"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert (
        "gst needs Python 3.11, 3.12 or 3.13 with its venv module; tried: /bin/false nonsense." in done.stderr
    )
    assert "apt-get install python3-venv" in done.stderr


@pytest.mark.parametrize("target", ["quickstart", "test", "check", "bench"])
def test_make_has_the_short_commands(target):
    make = ("env", "-u", "MAKEFLAGS", "-u", "MAKELEVEL", "make", "PYTHON=", "ARGS=")
    printed = run(*make, "--dry-run", "--always-make", target, cwd=ROOT).splitlines()
    last = {
        "quickstart": ".venv/bin/gst sweep sweeps/quickstart.yaml",
        "test": ".venv/bin/python -m pytest",
        "check": ".venv/bin/python -m pytest",
        "bench": "tests/benchmarks",
    }[target]
    assert printed[0] == "PYTHON='' sh docker/venv.sh && touch .venv/installed"
    assert last in printed[-1]
