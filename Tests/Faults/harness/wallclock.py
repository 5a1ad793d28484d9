"""A wall clock of its own for one process, which can be set: builds and drives `wallclock.c`."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

from .waiting import SANITIZED, Skipped


class WallClock:
    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("clang") or shutil.which("cc")
        if not compiler:
            raise Skipped("no C compiler (clang, cc) to build the clock with")
        if SANITIZED:
            raise Skipped("the sanitizers do not let others stand in for libc's calls")
        library, self._offset = folder / "wallclock.so", folder / "wallclock"
        source = Path(__file__).with_name("wallclock.c")
        subprocess.run([compiler, "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, source], check=True)
        self.set(0)
        self.environment = {"LD_PRELOAD": str(library), "WALLCLOCK": str(self._offset)}

    def set(self, seconds: float) -> None:
        """How far it is ahead of the true time from now on."""
        with self._offset.open("r+b" if self._offset.exists() else "wb", buffering=0) as file:
            file.write(struct.pack("=q", int(seconds * 1e9)))
