"""A TCP proxy between Lookout and a camera, with faults on command."""

from __future__ import annotations

import random
import socket
import struct
import threading
from contextlib import suppress

from .waiting import free_port

RESET = struct.pack("ii", 1, 0)  # SO_LINGER: on, no time; closing sends a reset


class Link:
    """One client's connection and the one made for it to the server."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client, self.server = client, server
        self.down_bytes = 0

    def close(self, reset: bool = False) -> None:
        for end in (self.client, self.server):
            with suppress(OSError):
                if reset:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                end.shutdown(socket.SHUT_RD)
            with suppress(OSError):
                end.close()


class Proxy:
    """Forwards connections to 127.0.0.1:`target`. Every method may be called at any time, from any thread."""

    # The conversation before the pictures stays whole: damage there would be another fault (a server that babbles).
    HANDSHAKE_BYTES = 8_000

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = free_port()
        self.connections = 0  # made so far
        self.damaged_bytes = 0
        self._random = random.Random(1)
        self._damage_every = 0  # bytes, on average; 0: never
        self._flowing = threading.Event()
        self._flowing.set()
        self._lock = threading.Lock()
        self._links: list[Link] = []
        self._listener: socket.socket | None = None
        self.accept()

    def accept(self) -> None:
        """Listens (again)."""
        listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self._listener = listener
        threading.Thread(target=self._serve, args=(listener,), daemon=True).start()

    def refuse(self) -> None:
        """Connections are refused from now on; those there are go on."""
        if self._listener:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
            self._listener.close()
            self._listener = None

    def black_hole(self) -> None:
        """Nothing passes any more, either way, and nobody is told: connections stay open, new ones are never served."""
        self._flowing.clear()

    def flow(self) -> None:
        """Ends a black hole. What was caught in it stays lost, and its connections with it."""
        self._close_links()
        self._flowing.set()

    def reset(self) -> None:
        """All connections end with a TCP reset."""
        self._close_links(reset=True)

    def damage(self, every: int) -> None:
        """About one in `every` bytes to the client is replaced by another; 0: none."""
        self._damage_every = every

    def close(self) -> None:
        self.refuse()
        self._close_links()
        self._flowing.set()

    @property
    def open_links(self) -> int:
        with self._lock:
            return len(self._links)

    def _close_links(self, reset: bool = False) -> None:
        with self._lock:
            links, self._links = self._links, []
        for link in links:
            link.close(reset)

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return  # closed
            self.connections += 1
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            link = Link(client, server)
            with self._lock:
                self._links.append(link)
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(link, source, sink), daemon=True).start()

    def _pump(self, link: Link, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._flowing.wait()
                if source is link.server:
                    link.down_bytes += len(data)
                    if self._damage_every and link.down_bytes > self.HANDSHAKE_BYTES:
                        data = self._damaged(data)
                sink.sendall(data)
        with self._lock:
            if link in self._links:
                self._links.remove(link)
        link.close()

    def _damaged(self, data: bytes) -> bytes:
        damaged = bytearray(data)
        at = int(self._random.expovariate(1 / self._damage_every))
        while at < len(damaged):
            damaged[at] ^= self._random.randrange(1, 256)
            self.damaged_bytes += 1
            at += 1 + int(self._random.expovariate(1 / self._damage_every))
        return bytes(damaged)
