#!/bin/sh
# Makes .venv, or takes the one that is there, and installs gst and its tools into it.
# A torch and torchvision that .venv already has are kept: that is how a CPU-only build gets in.
set -eu

usable() {
    "$1" -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null
}

if ! usable .venv/bin/python; then
    candidates=${PYTHON:-python3.13 python3.12 python3.11 python3 python}
    found=
    for python in $candidates; do
        if usable "$python"; then found=$python && break; fi
    done
    if [ -z "$found" ]; then
        echo "gst needs Python 3.11, 3.12 or 3.13 with its venv module; tried: $candidates." >&2
        echo "On Debian and Ubuntu: apt-get install python3-venv. Or: make PYTHON=/path/to/python3" >&2
        exit 2
    fi
    "$found" -m venv --clear .venv
fi

# Some tools make environments without pip.
.venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip

unless='^#'
if .venv/bin/python -c 'import torch, torchvision' 2>/dev/null; then
    unless='^(#|(torch|torchvision|triton|nvidia-.*|cuda-.*)==)'
fi
grep -Ev "$unless" docker/constraints.txt >.venv/constraints.txt

echo "Installing gst into .venv; the first time, this downloads PyTorch and takes some minutes." >&2
.venv/bin/python -m pip install --disable-pip-version-check -c .venv/constraints.txt -e '.[dev]'
