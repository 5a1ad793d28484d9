"""Cameras on loopback: an RTSP server in a process of its own that sends a recording's H.264 as it is, for ever."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from .environment import HERE
from .processes import child_environment, ended, limited

SERVER = HERE.parent / "Faults/harness/rtsp_server.py"
START_LIMIT = 60  # seconds
TICKS = os.sysconf("SC_CLK_TCK")


class Cameras:
    """`count` cameras that show the same clip, each from its start when its first viewer comes."""

    def __init__(self, clip: Path, count: int) -> None:
        self.port = free_port()
        mounts = {f"/camera{number}": {"clips": [str(clip)]} for number in range(count)}
        self._errors = tempfile.TemporaryFile("w+")  # closed by close()
        options = json.dumps({"port": self.port, "mounts": mounts})
        self._process = subprocess.Popen(
            # Debian's Python, which has the bindings.
            [sys.executable, "-B", str(SERVER), options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env=child_environment(),
        )
        assert self._process.stdout
        with limited(self._process, START_LIMIT):
            if self._process.stdout.readline() != "ready\n":
                self._process.kill()
                raise ended("the RTSP server", self._process.wait(), self._errors)

    def url(self, number: int) -> str:
        return f"rtsp://127.0.0.1:{self.port}/camera{number}"

    @property
    def cpu_seconds(self) -> float:
        return cpu_seconds(self._process.pid)

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()
        self._errors.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
