"""The service under test: its process, its configuration, and everything it shows to the outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from . import eventlog, http
from .eventlog import EventLog
from .resources import Resources
from .waiting import PATIENCE, SANITIZED, Failed, free_port, require, wait_until

BINARY = Path(os.environ.get("LOOKOUT", ".build/release/lookout")).absolute()

# With everything that must be escaped in a URL.
PASSWORD = "s3cr%t:p@ss/w?rd"

# From the signal to the end of the process.
STOP_SECONDS = 5.0

Options = dict[str, Any]


def toml(config: dict[str, Any]) -> str:
    """`{"service": {...}, "stream": {"gate": {...}}}` as TOML."""
    lines: list[str] = []

    def table(name: str, keys: Options) -> None:
        lines.append(f"[{name}]")
        # JSON's strings, numbers and lists are TOML's.
        lines.extend(f"{key} = {json.dumps(value)}" for key, value in keys.items())

    for name, keys in config.items():
        if name == "stream":
            for stream, options in keys.items():
                table(f"stream.{stream}", options)
        else:
            table(name, keys)
    return "\n".join(lines) + "\n"


class Lookout:
    """One folder with a `streams.conf`, and the process that reads it, started as often as the scenario likes."""

    def __init__(self, folder: Path, config: dict[str, Any], environment: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.config_file = folder / "streams.conf"
        self.errors_file = folder / "stderr.txt"
        self.port = free_port()
        self.config = config
        self.config["service"] = {"http": f"127.0.0.1:{self.port}", **config.get("service", {})}
        self.environment = environment or {}
        # A command that becomes it.
        self.launcher: list[str] = []
        self.log_empty = config.get("defaults", {}).get("log_empty", True)
        self.process: subprocess.Popen[bytes] | None = None
        self._logs: dict[Path, EventLog] = {}
        self.write_config()

    # MARK: Its life

    def write_config(self) -> None:
        self.config_file.write_text(toml(self.config))

    def start(self, ready: bool = True) -> Lookout:
        """Starts it and waits until it answers; `ready`: until all its streams are up."""
        environment = {**os.environ, **self.environment}
        with self.errors_file.open("ab") as errors:
            command = [*self.launcher, str(BINARY), "run", "--config", str(self.config_file)]
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, env=environment, cwd=self.folder
            )
        self.wait_until("HTTP answers", self.answers, 10)
        self.wait_until("/readyz lists the streams", lambda: set(self.readiness()["streams"]) == set(self.streams), 10)
        if ready:
            self.wait_until("all streams are up", lambda: self.readiness()["ready"], 20)
        return self

    @property
    def streams(self) -> dict[str, Options]:
        """What `write_config` writes of its streams: to be changed before a `reload`."""
        return self.config["stream"]

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    def wait_until(self, what: str, condition: Callable[[], Any], seconds: float, every: float = 0.05) -> Any:
        """As `waiting.wait_until`; fails at once when the process has ended."""

        def alive_and() -> Any:
            assert self.process
            if self.process.poll() is not None:
                raise Failed(f"lookout ended with {self.process.returncode} before: {what}")
            return condition()

        return wait_until(what, alive_and, seconds, every)

    def reload(self) -> None:
        self.write_config()
        os.kill(self.pid, signal.SIGHUP)

    def kill(self) -> None:
        """SIGKILL: it gets no chance to tidy up."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    close = kill

    def stop(self) -> dict[str, eventlog.Record]:
        """`end()`, then checks all that it has logged.

        Returns each stream's totals.
        """
        self.end()
        ends: dict[str, eventlog.Record] = {}
        for log in self._logs.values():
            ends.update(eventlog.check(log.poll(), self.log_empty))
        return ends

    def end(self) -> None:
        """Stops it as systemd does, and checks what is promised of that."""
        self.check_running()
        process, self.process = self.process, None
        assert process
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(STOP_SECONDS * PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Failed(f"still running {STOP_SECONDS * PATIENCE:g} s after SIGTERM") from None
        self.stop_seconds = time.monotonic() - started
        require(code == 0, f"exit code {code} after SIGTERM, not 0")
        self.check_secrets({path.name: path.read_bytes() for path in self.folder.glob("*") if path.is_file()})

    # MARK: What it shows

    def log(self, name: str = "events.jsonl") -> EventLog:
        """A log in its folder; those asked for are checked at the end."""
        path = self.folder / name
        return self._logs.setdefault(path, EventLog(path))

    @property
    def errors(self) -> str:
        return self.errors_file.read_text(errors="replace")

    def answers(self) -> bool:
        try:
            return http.get(self.port, "/healthz")[0] == 200
        except OSError:
            return False

    def readiness(self) -> dict[str, Any]:
        return json.loads(http.get(self.port, "/readyz")[1])

    def state(self, stream: str) -> dict[str, Any]:
        """What /readyz says of a stream."""
        return self.readiness()["streams"][stream]

    def metrics(self) -> http.Metrics:
        return http.Metrics(http.get(self.port, "/metrics")[1].decode())

    def resources(self) -> Resources:
        return Resources.of(self.pid)

    def video_segments(self, stem: str) -> list[Path]:
        """Oldest first: their names hold their start, and a number where several have the same."""

        def key(path: Path) -> tuple[str, int]:
            start, _, number = path.stem.removeprefix(f"{stem}-").partition("-")
            return start, int(number or 1)

        return sorted(self.folder.glob(f"{stem}-*"), key=key)

    # MARK: What is always promised

    def check_running(self) -> None:
        """It lives, says so, its counters add up, and nothing shows the password."""
        require(self.process and self.process.poll() is None, "lookout has ended")
        status, body = http.get(self.port, "/healthz")
        require(status == 200, f"/healthz says {status}: {body!r}")
        metrics = self.metrics()
        for stream in metrics.streams():
            decoded = metrics.get("lookout_frames_decoded_total", stream=stream)
            told = metrics.get("lookout_frames_total", stream=stream)
            # Some are in the middle of the way: the slot, a batch, the log's queue.
            require(0 <= decoded - told <= 64, f"{stream}: {decoded:g} frames decoded, {told:g} accounted for")
        process = Path("/proc") / str(self.pid)
        self.check_secrets(
            {
                "metrics": metrics.text.encode(),
                "readyz": http.get(self.port, "/readyz")[1],
                "streams": http.get(self.port, "/streams")[1],
                "command line": (process / "cmdline").read_bytes(),
                "thread names": b" ".join(path.read_bytes() for path in process.glob("task/*/comm")),
            }
        )

    def check_secrets(self, texts: dict[str, bytes]) -> None:
        for secret in {PASSWORD, quote(PASSWORD, safe=""), quote(PASSWORD), json.dumps(PASSWORD)[1:-1]}:
            for where, text in texts.items():
                require(secret.encode() not in text, f"the password is in: {where}")

    def check_memory(self, before: Resources, most: float) -> None:
        """That it has not grown by more than so many MiB since."""
        grown = self.resources().memory - before.memory
        require(SANITIZED or grown <= most, f"memory has grown by {grown:.0f} MiB (at most {most:g} is promised)")
