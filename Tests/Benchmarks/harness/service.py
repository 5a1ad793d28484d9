"""`lookout run` on some cameras for a while: what it logged in that time and what it took."""

from __future__ import annotations

import json
import math
import os
import subprocess
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .cameras import Cameras, cpu_seconds, free_port
from .environment import Environment
from .errors import BenchmarkError
from .models import SIZE, Model
from .processes import child_environment, ended

RATE = 5  # frames a second that each stream analyses
CORES = 2
WARM = 5  # records of a stream after which it counts as running
PATIENCE = 60  # seconds until all run
STOP = 10


@dataclass(frozen=True)
class Load:
    """Cameras that are analysed, away (they refuse), and slow (a frame every 5 seconds is asked for)."""

    active: int
    away: int = 0
    slow: int = 0

    def streams(self, cameras: Cameras) -> dict[str, dict[str, object]]:
        found: dict[str, dict[str, object]] = {
            f"active{number}": {"url": cameras.url(number), "max_fps": RATE} for number in range(self.active)
        }
        for number in range(self.slow):
            found[f"slow{number}"] = {"url": cameras.url(self.active + number), "max_fps": 0.2}
        nobody = free_port()
        for number in range(self.away):
            found[f"away{number}"] = {"url": f"rtsp://127.0.0.1:{nobody}/away{number}"}
        return found


@dataclass(frozen=True)
class Outcome:
    seconds: float
    decoded: int  # frames, of all streams
    rates: list[float]  # frames a second analysed, of each active stream
    latencies: list[float]  # ms from capture to log, of the active streams' records
    cpu_seconds: float
    server_cpu_seconds: float
    memory_mib: float

    def latency(self, percentile: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[math.ceil(len(ordered) * percentile / 100) - 1]


def watch(environment: Environment, model: Model, precision: str, clip: Path, load: Load, seconds: float) -> Outcome:
    with (
        tempfile.TemporaryDirectory(dir=environment.cache) as folder,
        closing(Cameras(clip, load.active + load.slow)) as cameras,
        closing(_Service(environment, Path(folder), _config(model, precision, load.streams(cameras)))) as service,
    ):
        active = [f"active{number}" for number in range(load.active)]
        slow = [f"slow{number}" for number in range(load.slow)]

        def running() -> bool:
            frames = service.frames()
            return all(len(frames[name]) >= WARM for name in active) and all(frames[name] for name in slow)

        service.wait("every stream is analysed", running)
        marks = {name: len(frames) for name, frames in service.frames().items()}
        begin, decoded = time.monotonic(), service.decoded()
        own, server = cpu_seconds(service.pid), cameras.cpu_seconds
        time.sleep(seconds)
        taken, decoded = time.monotonic() - begin, service.decoded() - decoded
        own, server = cpu_seconds(service.pid) - own, cameras.cpu_seconds - server
        after = service.frames()
        service.check()
        new = {name: after[name][marks[name] :] for name in active}
        status = dict(line.split(":", 1) for line in Path(f"/proc/{service.pid}/status").read_text().splitlines())
        return Outcome(
            seconds=taken,
            decoded=decoded,
            rates=[len(records) / taken for records in new.values()],
            latencies=[record["latency_ms"] for records in new.values() for record in records],
            cpu_seconds=own,
            server_cpu_seconds=server,
            memory_mib=int(status["VmRSS"].split()[0]) / 1024,
        )


def knows_precision(environment: Environment) -> bool:
    """Whether streams.conf can ask for int8: `lookout check` names a key that it does not know."""
    with tempfile.TemporaryDirectory(dir=environment.cache) as folder:
        file = Path(folder) / "streams.conf"
        file.write_text('[defaults]\nprecision = "int8"\n')
        command = [str(environment.binary("lookout")), "check", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, env=child_environment())
    return 'unknown key "precision"' not in done.stdout + done.stderr


def _config(model: Model, precision: str, streams: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
    defaults: dict[str, object] = {
        "weights": str(model.weights),
        "cfg": str(model.cfg),
        "names": str(model.names),
        "size": f"{SIZE}x{SIZE}",
        # Random weights see something everywhere; the log's length is not measured here.
        "threshold": 0.9,
        "events": "events.jsonl",
    }
    if precision != "fp32":
        defaults["precision"] = precision
    config: dict[str, dict[str, object]] = {"service": {"http": f"127.0.0.1:{free_port()}"}, "defaults": defaults}
    return config | {f"stream.{name}": options for name, options in streams.items()}


class _Service:
    def __init__(self, environment: Environment, folder: Path, config: dict[str, dict[str, object]]) -> None:
        # JSON's strings and numbers are TOML's.
        tables = (
            "\n".join([f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in options.items())])
            for name, options in config.items()
        )
        (folder / "streams.conf").write_text("\n".join(tables) + "\n")
        self._address = config["service"]["http"]
        self._log = folder / "events.jsonl"
        self._errors = (folder / "stderr").open("w+")
        cores = ",".join(str(core) for core in sorted(os.sched_getaffinity(0))[:CORES])
        command = ["taskset", "-c", cores, str(environment.binary("lookout")), "run"]
        self._process = subprocess.Popen(
            [*command, "--config", str(folder / "streams.conf")],
            stdin=subprocess.DEVNULL,
            stdout=self._errors,
            stderr=self._errors,
            env=child_environment(),
        )
        self.pid = self._process.pid

    def decoded(self) -> int:
        """Frames decoded so far, of all streams."""
        with urllib.request.urlopen(f"http://{self._address}/metrics", timeout=STOP) as page:
            lines = page.read().decode().splitlines()
        return sum(int(float(line.split()[-1])) for line in lines if line.startswith("lookout_frames_decoded_total"))

    def frames(self) -> dict[str, list[dict[str, Any]]]:
        """The frame records so far, by stream."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        whole = self._log.read_bytes().rpartition(b"\n")[0] if self._log.exists() else b""
        for line in whole.splitlines():
            record = json.loads(line)
            if record["type"] == "frame":
                found[record["stream"]].append(record)
        return found

    def wait(self, what: str, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            self.check()
            if time.monotonic() > deadline:
                raise BenchmarkError(f"lookout run: not within {PATIENCE} s: {what}\n{self._said()}")
            time.sleep(0.2)

    def check(self) -> None:
        if (code := self._process.poll()) is not None:
            raise ended("lookout run", code, self._errors)

    def _said(self) -> str:
        self._errors.seek(0)
        return self._errors.read()[-2000:]

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()
