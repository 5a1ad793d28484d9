"""What every program that is measured needs: an environment, a time limit, words for its failure."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from .errors import BenchmarkError


def child_environment(**more: str) -> dict[str, str]:
    """Without thread settings of the caller's shell, and without byte code beside the sources."""
    foreign = ("OMP_", "GOMP_", "ONEDNN_", "DNNL_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1"} | more


@contextmanager
def limited(process: subprocess.Popen[Any], seconds: float) -> Iterator[None]:
    """Kills a process that hangs, so that whoever waits for it sees it end."""
    limit = threading.Timer(seconds, process.kill)
    limit.daemon = True
    limit.start()
    try:
        yield
    finally:
        limit.cancel()


def ended(program: str, code: int, errors: IO[str]) -> BenchmarkError:
    """That a program failed, with the end of what it wrote to stderr."""
    errors.seek(0)
    return BenchmarkError(f"{program} ended with {code}\n{errors.read().strip()[-2000:]}")
