"""Named streams of random numbers: one per purpose, so that a new consumer disturbs no old one."""

from __future__ import annotations

import hashlib

import torch


def stream(seed: int, name: str) -> torch.Generator:
    """A CPU generator that depends on nothing but the seed and the name.

    Names in use: `init`, `subset`, `labels`, `order/<epoch>`, `augment/<epoch>`, `forward/<epoch>`,
    `select/<layer>/<epoch>`, `noise/<layer>/<epoch>/<batch>`. No state needs saving: a resumed run
    asks for the same streams again, and arms of one seed are paired.
    """
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    generator = torch.Generator()
    generator.manual_seed(int.from_bytes(digest[:8], "little", signed=True))
    return generator
