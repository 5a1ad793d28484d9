"""Lookout's HTTP side: short requests, and viewers that stay."""

from __future__ import annotations

import http.client
import re
import socket
import threading
from contextlib import suppress

from .waiting import PATIENCE

Labels = tuple[tuple[str, str], ...]


def get(port: int, path: str) -> tuple[int, bytes]:
    """Status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15 * PATIENCE)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


class Metrics:
    """A Prometheus text page."""

    LINE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$")
    LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

    def __init__(self, text: str) -> None:
        self.text = text
        self.values: dict[tuple[str, Labels], float] = {}
        for line in text.splitlines():
            if line and not line.startswith("#"):
                match = self.LINE.match(line)
                if not match:
                    raise ValueError(f"not a sample: {line!r}")
                labels = tuple(sorted(self.LABEL.findall(match[2] or "")))
                self.values[match[1], labels] = float(match[3])

    def get(self, name: str, **labels: str) -> float:
        """The sum of the samples that have these labels, 0 where there is none."""
        wanted = set(labels.items())
        return sum(value for (key, have), value in self.values.items() if key == name and wanted <= set(have))

    def streams(self) -> set[str]:
        return {dict(labels)["stream"] for _, labels in self.values if "stream" in dict(labels)}


class Viewer:
    """A client of a page that never ends. Reads all the time, or stops reading when told to."""

    def __init__(self, port: int, path: str) -> None:
        self.path = path
        self.bytes = 0
        self.ended = False
        self._reading = threading.Event()
        self._reading.set()
        self._socket = socket.socket()
        # Little room, so that what is not read soon blocks the sender.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.settimeout(30 * PATIENCE)
        self._socket.connect(("127.0.0.1", port))
        self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        with suppress(OSError):
            while data := self._socket.recv(65536):
                self.bytes += len(data)
                self._reading.wait()
        self.ended = True

    def stop_reading(self) -> None:
        self._reading.clear()

    def read_on(self) -> None:
        self._reading.set()

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._reading.set()
        self._socket.close()
