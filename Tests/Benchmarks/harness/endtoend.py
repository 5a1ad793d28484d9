"""Part 2: a recording from file to events, with and without annotated video, whole processes from start to exit."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .environment import Environment
from .errors import BenchmarkError
from .models import NMS, SIZE, Model, clip, random_model, small_model
from .processes import child_environment, ended, limited
from .report import spread, table, times

ROUNDS = 5
PROCESS_LIMIT = 900  # seconds
HEAD = [
    "model",
    "output",
    "program",
    "fps, median [min–max]",
    "Lookout faster by",
    "CPU ms a frame",
    "peak RSS MiB",
    "boxes a frame",
    "start-up s",
    "video MB",
]

Command = Callable[[Environment, Model, Path, Path, bool], list[str]]


@dataclass(frozen=True)
class Outcome:
    frames: int
    detections: int
    seconds: float
    cpu_seconds: float
    peak_mib: float
    video_bytes: int

    @property
    def fps(self) -> float:
        return self.frames / self.seconds


def measure(environment: Environment, quick: bool) -> str:
    whole = environment.file("videos/car-detection.mp4")
    video = clip(environment, "car-40", "INPUT", "-frames:v", "40", "-c:v", "copy") if quick else whole
    rows: list[list[object]] = []
    commands: list[str] = []
    for model in (random_model(environment, "yolov2-tiny-voc"), small_model(environment)):
        for annotated in (False, True):
            programs = [
                Program(name, command, model, annotated)
                for name, command in (("Lookout", lookout_command), ("OpenCV script", opencv_command))
            ]
            for number in range(1 if quick else ROUNDS):
                for program in programs if number % 2 == 0 else reversed(programs):
                    program.visit(environment, video)
            own = statistics.median(outcome.fps for outcome in programs[0].whole)
            rows += [program.row(own) for program in programs]
            commands += [program.shown for program in programs]
    text = (
        f"`{video.name}`, 768x432 H.264, input {SIZE}x{SIZE}, frames stretched (as blobFromImage does; Lookout "
        f"letterboxes unless told), the same threshold and NMS {NMS}, each program's own thread default. fps is frames "
        "over the whole process, start-up included; start-up is the same process on a one-frame clip. Lookout writes "
        "H.264, PyPI's OpenCV can only write MPEG-4 part 2, which is cheaper to encode."
    )
    return "\n\n".join([text, table(HEAD, rows), "```\n" + "\n".join(commands) + "\n```"])


@dataclass
class Program:
    """A program with what its runs over the whole video and over a one-frame clip gave."""

    name: str
    command: Command
    model: Model
    annotated: bool
    whole: list[Outcome] = field(default_factory=list)
    starts: list[Outcome] = field(default_factory=list)
    shown: str = ""

    def visit(self, environment: Environment, video: Path) -> None:
        first_frame = clip(environment, "car-1", "INPUT", "-frames:v", "1", "-c:v", "copy")
        for file, outcomes in ((first_frame, self.starts), (video, self.whole)):
            with tempfile.TemporaryDirectory(dir=environment.cache) as folder:
                command = self.command(environment, self.model, file, Path(folder), self.annotated)
                outcomes.append(_run(command, Path(folder)))
                self.shown = " ".join(command).replace(folder, "OUT")

    def row(self, own_fps: float) -> list[object]:
        fps = [outcome.fps for outcome in self.whole]
        last = self.whole[-1]
        return [
            f"{self.model.name}, threshold {self.model.threshold}",
            "events and video" if self.annotated else "events",
            self.name,
            spread(fps, 1),
            times(own_fps / statistics.median(fps)),
            spread([1e3 * outcome.cpu_seconds / outcome.frames for outcome in self.whole], 1),
            f"{statistics.median(outcome.peak_mib for outcome in self.whole):.0f}",
            f"{last.detections / last.frames:.2f}",
            f"{statistics.median(outcome.seconds for outcome in self.starts):.2f}",
            f"{last.video_bytes / 1e6:.1f}" if self.annotated else "–",
        ]


def lookout_command(environment: Environment, model: Model, video: Path, folder: Path, annotated: bool) -> list[str]:
    options: dict[str, object] = {
        "--events": folder / "events.jsonl",
        "--cfg": model.cfg,
        "--weights": model.weights,
        "--names": model.names,
        "--size": f"{SIZE}x{SIZE}",
        "--resize": "stretch",
        "--threshold": model.threshold,
        "--nms": NMS,
    }
    if annotated:
        options["--video"] = folder / "annotated.mp4"
    arguments = [str(part) for option in options.items() for part in option]
    return [str(environment.binary("lookout")), "process", str(video), *arguments]


def opencv_command(environment: Environment, model: Model, video: Path, folder: Path, annotated: bool) -> list[str]:
    files = (model.opencv_cfg(environment), model.weights, model.names, video, folder / "events.jsonl")
    command = environment.engine("opencv_process", *files, SIZE, model.threshold, NMS)
    return command + ([str(folder / "annotated.mp4")] if annotated else [])


def _run(command: list[str], folder: Path) -> Outcome:
    """Runs a program to its end and reads what it used and what it wrote."""
    with tempfile.TemporaryFile("w+") as errors:
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors, env=child_environment())
        with limited(process, PROCESS_LIMIT):
            _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise ended(" ".join(command), process.returncode, errors)
    frames, detections = _count(folder / "events.jsonl")
    video = folder / "annotated.mp4"
    return Outcome(
        frames,
        detections,
        seconds,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / 1024,
        video.stat().st_size if video.exists() else 0,
    )


def _count(events: Path) -> tuple[int, int]:
    """Frames and detections of an event log. Lookout writes other types of record too."""
    records = [json.loads(line) for line in events.read_text().splitlines()]
    frames = [record for record in records if record.get("type", "frame") == "frame"]
    if not frames:
        raise BenchmarkError(f"{events.name} holds no frame record among {len(records)} records")
    return len(frames), sum(len(record["detections"]) for record in frames)
