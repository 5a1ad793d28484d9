"""Packet loss without the kernel's help: an RTSP proxy that relays RTP over UDP and drops some of it.

It tells the camera its own ports as the client's, and the client its own ports as the camera's, so that all RTP and
RTCP passes through here. (Kernels often lack `netem`, and it takes root.)
"""

from __future__ import annotations

import random
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

from .waiting import Failed, free_port

HOST = "127.0.0.1"


def port_pair() -> tuple[socket.socket, socket.socket]:
    """An even UDP port and the odd one after it, as RTP and RTCP have them."""
    for _ in range(100):
        port = free_port()
        pair = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        with suppress(OSError):
            for offset, end in enumerate(pair):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
                end.bind((HOST, port + offset))
            return pair[0], pair[1]
        for end in pair:
            end.close()
    raise Failed("no free pair of UDP ports")


def messages(connection: socket.socket) -> Iterator[bytes]:
    """The RTSP messages that arrive, each with its body."""
    buffer = b""
    while data := connection.recv(65536):
        buffer += data
        while (end := buffer.find(b"\r\n\r\n")) >= 0:
            length = re.search(rb"(?im)^content-length:\s*(\d+)", buffer[:end])
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(buffer) < whole:
                break
            yield buffer[:whole]
            buffer = buffer[whole:]


class Session:
    """The relay of one SETUP."""

    def __init__(self, proxy: LossyProxy, client_ports: tuple[int, int]) -> None:
        self.proxy = proxy
        self.client_ports = client_ports
        self.server_ports = (0, 0)
        self.to_server, self.to_client = port_pair(), port_pair()
        for channel in range(2):
            threading.Thread(target=self._down, args=(channel,), daemon=True).start()
            threading.Thread(target=self._up, args=(channel,), daemon=True).start()

    def _down(self, channel: int) -> None:
        with suppress(OSError):
            while datagram := self.to_server[channel].recv(65536):
                if channel == 0 and self.proxy.drops():
                    continue
                self.to_client[channel].sendto(datagram, (HOST, self.client_ports[channel]))

    def _up(self, channel: int) -> None:
        with suppress(OSError):
            while datagram := self.to_client[channel].recv(65536):
                if port := self.server_ports[channel]:
                    self.to_server[channel].sendto(datagram, (HOST, port))

    def close(self) -> None:
        for end in (*self.to_server, *self.to_client):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class LossyProxy:
    def __init__(self, target: int, loss: float) -> None:
        self.target, self.loss = target, loss
        self.port = free_port()
        self.packets = self.lost = 0
        self._random = random.Random(1)
        self._lock = threading.Lock()
        self._open: list[Session | socket.socket] = []
        self._listener = socket.create_server((HOST, self.port))
        self._open.append(self._listener)
        threading.Thread(target=self._serve, daemon=True).start()

    def drops(self) -> bool:
        with self._lock:
            self.packets += 1
            lost = self._random.random() < self.loss
            self.lost += lost
            return lost

    def close(self) -> None:
        for each in self._open:
            with suppress(OSError):
                if isinstance(each, socket.socket):
                    each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection((HOST, self.target), timeout=5)
                server.settimeout(None)
                self._open += [client, server]
                sessions: list[Session] = []
                threading.Thread(target=self._requests, args=(client, server, sessions), daemon=True).start()
                threading.Thread(target=self._answers, args=(client, server, sessions), daemon=True).start()

    def _requests(self, client: socket.socket, server: socket.socket, sessions: list[Session]) -> None:
        with suppress(OSError):
            for message in messages(client):
                if message.startswith(b"SETUP"):
                    ports = re.search(rb"client_port=(\d+)-(\d+)", message)
                    if not ports:
                        break  # not over UDP: nothing to do here
                    session = Session(self, (int(ports[1]), int(ports[2])))
                    sessions.append(session)
                    self._open.append(session)
                    message = message.replace(ports[0], b"client_port=" + self._ports(session.to_server))
                server.sendall(message)
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)

    def _answers(self, client: socket.socket, server: socket.socket, sessions: list[Session]) -> None:
        with suppress(OSError):
            for message in messages(server):
                ports = re.search(rb"server_port=(\d+)-(\d+)", message)
                if ports and sessions:
                    session = sessions[-1]
                    session.server_ports = (int(ports[1]), int(ports[2]))
                    message = message.replace(ports[0], b"server_port=" + self._ports(session.to_client))
                    own = b"client_port=%d-%d" % session.client_ports
                    message = re.sub(rb"client_port=\d+-\d+", own, message)
                client.sendall(message)
        for end in (client, server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        for session in sessions:
            session.close()

    @staticmethod
    def _ports(pair: tuple[socket.socket, socket.socket]) -> bytes:
        return b"%d-%d" % (pair[0].getsockname()[1], pair[1].getsockname()[1])
