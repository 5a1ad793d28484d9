"""Cameras that can be switched off and on: a handle on `rtsp_server.py`."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from .waiting import PATIENCE, Failed, free_port

SERVER = Path(__file__).with_name("rtsp_server.py")


class Camera:
    """One server process with one or several paths; its port stays the same over restarts."""

    def __init__(self, mounts: dict[str, dict[str, Any]], errors: Path, **options: Any) -> None:
        self.port = free_port()
        self.options = {"port": self.port, "mounts": mounts, **options}
        self.errors = errors
        self.process: subprocess.Popen[str] | None = None

    def url(self, path: str, port: int | None = None) -> str:
        return f"rtsp://127.0.0.1:{port or self.port}{path}"

    def start(self) -> float:
        """Returns when it listens, with the monotonic time of that."""
        with self.errors.open("a") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-B", SERVER, json.dumps(self.options)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self.process.stdout
        if self.process.stdout.readline() != "ready\n":
            raise Failed(f"the RTSP server did not start: {self.errors.read_text()[-500:]}")
        return time.monotonic()

    def play(self, path: str, clip: int) -> None:
        assert self.process and self.process.stdin
        self.process.stdin.write(f"switch {path} {clip}\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        """As if its power failed, but for the kernel, which ends its connections."""
        if self.process:
            self.process.kill()
            self.process.communicate(timeout=10 * PATIENCE)
            self.process = None

    close = kill
