"""Conditions with deadlines: nothing here sleeps and hopes."""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# A binary built with a sanitizer is several times slower, and its memory says nothing.
SANITIZED = bool(os.environ.get("LOOKOUT_SANITIZED"))
# What every deadline is multiplied by.
PATIENCE = float(os.environ.get("LOOKOUT_PATIENCE") or (5 if SANITIZED else 1))


class Failed(Exception):
    """A promise was not kept; the text says which, and what was seen."""


class Skipped(Exception):
    """The machine lacks what the scenario takes; the text says what."""


def require(kept: object, promise: str) -> None:
    if not kept:
        raise Failed(promise)


def wait_until(what: str, condition: Callable[[], T | None], seconds: float, every: float = 0.05) -> T:
    """The condition's value as soon as it is true. `seconds` is stretched for slow binaries and machines."""
    deadline = time.monotonic() + seconds * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failed(f"not within {seconds * PATIENCE:g} s: {what}")
        time.sleep(every)


_given: set[int] = set()
_giving = threading.Lock()


def free_port() -> int:
    """A TCP port nobody listens on, below those the kernel hands out to clients; never the same one twice."""
    with _giving:
        for _ in range(1000):
            port = random.randrange(20000, 32000, 2)
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
            if port not in _given:
                _given.add(port)
                return port
    raise Failed("no free port")
