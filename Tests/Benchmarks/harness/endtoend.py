"""Part 3: a recording from file to events, with and without annotated video, whole processes from start to exit."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from .cache import clip, h264
from .environment import Environment
from .errors import BenchmarkError
from .models import NMS, SIZE, Model, precisions, quantize, random_model, small_model
from .processes import child_environment, ended, limited
from .programs import Program, Task, programs
from .report import spread, table, times

ROUNDS = 3
GOAL = 2.0
PROCESS_LIMIT = 900  # seconds
LARGE_FRAMES = 188  # of the 1080p clip
HEAD = [
    "video",
    "model",
    "output",
    "precision",
    "program",
    "fps, median [min–max]",
    "Lookout faster by",
    "fps less start-up",
    "CPU ms a frame",
    "peak RSS MiB",
    "boxes a frame",
    "start-up s",
    "video MB",
]
TEXT = f"""
Input {SIZE}x{SIZE}, frames stretched (as blobFromImage does; Lookout letterboxes unless told), the same threshold and
NMS {NMS}, each program's own thread default. fps is frames over the whole process; start-up is the same process on a
one-frame clip, once, and the column after the factor leaves it out. CPU time and peak memory are the kernel's figures
for the process. In fp32 OpenVINO is told to compute in f32, its int8 models are made by NNCF. Both OpenVINO scripts
hold several requests in flight and convert bytes inside the graph. The GStreamer script stands for DL Streamer, which
Debian does not have: the same elements around the same engine. Lookout and GStreamer write H.264 (x264 veryfast,
quality 23); PyPI's OpenCV can only write MPEG-4 part 2, which is cheaper to encode and twice as large. The peers draw
with OpenCV, and keep the best class of a box, Lookout all above the threshold.
"""


@dataclass(frozen=True)
class Outcome:
    frames: int
    detections: int
    seconds: float
    cpu_seconds: float
    peak_mib: float
    video_bytes: int


@dataclass
class Entry:
    """A program in a group, with what its runs over the video and over a one-frame clip gave."""

    program: Program
    runs: list[Outcome] = field(default_factory=list)
    start: Outcome | None = None
    shown: str = ""

    def visit(self, environment: Environment, group: Group, only_start: bool = False) -> None:
        video = clip(environment, "car-1", "INPUT", "-frames:v", "1", "-c:v", "copy") if only_start else group.video
        with tempfile.TemporaryDirectory(dir=environment.cache) as folder:
            annotated = Path(folder) / "annotated.mp4" if group.annotated else None
            command = self.program.command(Task(group.model, video, f"{folder}/events.jsonl", annotated))
            outcome = _run(command, Path(folder))
            if only_start:
                self.start = outcome
            else:
                self.runs.append(outcome)
                self.shown = " ".join(command).replace(folder, "OUT")

    @property
    def fps(self) -> float:
        return statistics.median(outcome.frames / outcome.seconds for outcome in self.runs)


@dataclass(frozen=True)
class Group:
    """What several programs do in turn."""

    video: Path
    model: Model
    annotated: bool

    @property
    def columns(self) -> list[str]:
        return [self.video.stem, self.model.name, "events and video" if self.annotated else "events"]


def measure(environment: Environment, quick: bool) -> str:
    rows: list[list[object]] = []
    verdicts: list[list[object]] = []
    commands: dict[str, None] = {}
    for group in _groups(environment, quick):
        entries = [Entry(program) for program in programs(environment)]
        for entry in entries:
            entry.visit(environment, group, only_start=True)
        for number in range(1 if quick else ROUNDS):
            for entry in entries if number % 2 == 0 else reversed(entries):
                entry.visit(environment, group)
        _check_frames(entries)
        for precision in ("fp32", "int8"):
            fitting = [entry for entry in entries if entry.program.precision == precision]
            own = next((entry for entry in fitting if entry.program.name == "Lookout"), None)
            rows += [_row(group, entry, own) for entry in fitting]
            verdicts.append([*group.columns, precision, *_verdict(fitting, own)])
        if group.video.stem.startswith("car-detection") or quick:
            commands |= dict.fromkeys(entry.shown for entry in entries)
    head = [*HEAD[:4], "Lookout, fps", "best peer", "its fps", "factor", f"goal {GOAL:.1f}x"]
    shown = "```\n" + "\n".join(commands) + "\n```"
    return "\n\n".join([" ".join(TEXT.split()), table(head, verdicts), table(HEAD, rows), shown])


def _groups(environment: Environment, quick: bool) -> list[Group]:
    models = [random_model(environment, "yolov2-tiny-voc"), small_model(environment)]
    if "int8" in precisions(environment):
        for model in models:
            quantize(environment, model)
    if quick:
        video = clip(environment, "car-40", "INPUT", "-frames:v", "40", "-c:v", "copy")
        return [Group(video, models[1], annotated) for annotated in (False, True)]
    large = h264(environment, "car-1080p", 1920, 1080, "-frames:v", str(LARGE_FRAMES))
    return [
        Group(video, model, annotated)
        for video in (environment.file("videos/car-detection.mp4"), large)
        for model in models
        for annotated in (False, True)
    ]


def _check_frames(entries: list[Entry]) -> None:
    """All analyse every frame, or their rates say nothing."""
    counts = {entry.program.name: entry.runs[-1].frames for entry in entries}
    if len(set(counts.values())) > 1:
        raise BenchmarkError(f"the programs wrote different numbers of frames: {counts}")


def _row(group: Group, entry: Entry, own: Entry | None) -> list[object]:
    last = entry.runs[-1]
    assert entry.start
    started = entry.start.seconds
    steady = [(run.frames - 1) / (run.seconds - started) for run in entry.runs if run.seconds > started]
    return [
        *group.columns,
        entry.program.precision,
        entry.program.name,
        spread([outcome.frames / outcome.seconds for outcome in entry.runs], 1),
        times(own.fps / entry.fps) if own else "–",
        f"{statistics.median(steady):.1f}" if steady else "–",
        spread([1e3 * outcome.cpu_seconds / outcome.frames for outcome in entry.runs], 1),
        f"{statistics.median(outcome.peak_mib for outcome in entry.runs):.0f}",
        f"{last.detections / last.frames:.2f}",
        f"{started:.2f}",
        f"{last.video_bytes / 1e6:.1f}" if group.annotated else "–",
    ]


def _verdict(entries: list[Entry], own: Entry | None) -> list[object]:
    best = max((entry for entry in entries if entry is not own), key=lambda entry: entry.fps)
    peer = [best.program.name, f"{best.fps:.1f}"]
    if not own:
        return ["–", *peer, "–", "–"]
    factor = own.fps / best.fps
    return [f"{own.fps:.1f}", *peer, times(factor), "met" if factor >= GOAL else "missed"]


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
