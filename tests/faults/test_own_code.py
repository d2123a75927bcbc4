"""A sweep of a user's own network on real Ray: workers have its text, and a killed driver costs no row."""

from __future__ import annotations

import pytest
from commands import ended
from faults import running
from processes import wait_until_gone
from tiny_sweep import LONG, results

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

NET = """\
from torch import nn


def net(classes, image):
    return nn.Sequential(
        nn.Conv2d(image.channels, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.2),
        nn.Conv2d(8, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(128, classes),
    )
"""
OWN = (
    LONG.partition("  Noise:")[0]
    .replace("{name: digits_cnn}", "{module: net.py:net}")
    .replace("[conv1, conv2]", "['0', '4']")
)
SWEEP = ("sweep", "own.yaml", "--checkpoint", 0)


def test_a_killed_driver_costs_no_row(commands):
    commands.write(NET, "net.py")
    commands.write(OWN, "own.yaml")
    straight = f"sqlite:///{commands.folder / 'straight.db'}"
    done = commands.run("sweep", "own.yaml", "--local", "--db", straight)
    assert done.returncode == 0, done.stderr
    driver = commands.start(*SWEEP, "--cpus", "2")
    running(commands, driver)
    driver.kill()
    ended(driver)
    wait_until_gone(pid for (pid,) in commands.rows("SELECT DISTINCT pid FROM attempts"))
    done = commands.run(*SWEEP, "--cpus", "2")
    assert done.returncode == 0, done.stderr
    assert results(commands.url) == results(straight)
    assert commands.rows("SELECT count(*) FROM attempts WHERE first_epoch > 0")[0][0] > 0
