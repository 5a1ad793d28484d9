"""Part 8: training yolov2-tiny-voc: pictures a second and memory, Lookout's against PyTorch's and Darknet's."""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from .environment import Environment, cpu_flags
from .errors import BenchmarkError
from .models import training_pictures
from .processes import child_environment, ended, limited
from .report import spread, table, times
from .worker import Worker

NETWORK = "yolov2-tiny-voc"
SIZE = 416
BATCH = 8
CLASSES = 20
ROUNDS = 6
STEPS = 2  # a visit
SETTLE = 0.05  # seconds before a visit, in which the previous engine's waiting threads go to sleep
PICTURES = 64  # of the whole programs' data set
ITERATIONS = 10  # of `lookout train`; Darknet takes a minute or two for one
PROGRAM_LIMIT = 900  # seconds
GOAL = 1.2


@dataclass
class Seat:
    engine: str
    precision: str
    worker: Worker
    figures: list[float] = field(default_factory=list)  # pictures a second

    def visit(self) -> None:
        time.sleep(SETTLE)
        self.figures += [1e3 * BATCH / milliseconds for milliseconds in self.worker.run(STEPS)]

    @property
    def median(self) -> float:
        return statistics.median(self.figures)

    @property
    def peak_mib(self) -> float:
        found = re.search(r"rss (\d+) KiB", self.worker.ready)
        if not found:
            raise BenchmarkError(f"{self.worker.name} does not say its memory: {self.worker.ready}")
        return int(found[1]) / 1024


def measure(environment: Environment, quick: bool) -> str:
    threads = len(os.sched_getaffinity(0))
    cfg = environment.file(f"darknet/{NETWORK}.cfg")
    precisions = ["fp32"] + (["bf16"] if cpu_flags() & {"avx512_bf16", "amx_bf16"} else [])
    with ExitStack() as stack:
        seats = [
            Seat(engine, precision, stack.enter_context(closing(Worker(f"{engine}, {precision}", command, threads))))
            for precision in precisions
            for engine, command in _commands(environment, cfg, threads, precision)
        ]
        for seat in seats:
            assert seat.worker.ready
        for number in range(1 if quick else ROUNDS):
            for seat in seats if number % 2 == 0 else reversed(seats):
                seat.visit()
        steps = [[s.engine, s.precision, spread(s.figures), f"{s.peak_mib:.0f}", *_verdict(s, seats)] for s in seats]
    programs = [
        ["lookout train", precision, *_lookout(environment, precision, threads, 3 if quick else ITERATIONS)]
        for precision in precisions
    ]
    notes = []
    if shutil.which("darknet"):
        programs.append(["darknet detector train", "fp32", *_darknet(environment, 1 if quick else 2)])
    else:
        notes.append("Darknet is missing: there is no program `darknet` (Debian's package of that name)")
    if "torch" not in environment.versions:
        notes.append("PyTorch is missing: its index could not be reached when the peers were installed")
    text = (
        f"{NETWORK} at {SIZE}x{SIZE}, batch {BATCH} in one part, {threads} threads. A step: forward with the batch's "
        "statistics, loss, backward, update. All stay loaded and are visited in turn, forth and back, "
        f"{STEPS} steps a visit, {ROUNDS} rounds. PyTorch has channels_last, autocast for bf16, and a sum in place of "
        f"the loss. The factor is of the medians, Lookout's over PyTorch's in the same precision; the goal is {GOAL}x. "
        "Memory is the process's at its fullest, libraries included."
    )
    head = ["engine", "precision", "pictures a second", "peak memory, MiB", "factor", "goal"]
    whole = (
        f"Whole programs, one after the other, on {PICTURES} COCO pictures, which they decode and augment. Debian's "
        "Darknet has one thread."
    )
    return "\n\n".join(
        [
            text,
            table(head, steps),
            whole,
            table(["program", "precision", "pictures a second", "peak memory, MiB"], programs),
            *notes,
        ]
    )


def _commands(environment: Environment, cfg: Path, threads: int, precision: str) -> list[tuple[str, list[str]]]:
    setting = [str(part) for part in (cfg, SIZE, SIZE, BATCH, threads, precision)]
    found = [("Lookout", [str(environment.binary("training-bench")), *setting])]
    if "torch" in environment.versions:
        found.append(("PyTorch", environment.engine("torch_training", *setting)))
    return found


def _verdict(seat: Seat, seats: list[Seat]) -> list[str]:
    peer = [other for other in seats if other.precision == seat.precision and other.engine != "Lookout"]
    if seat.engine != "Lookout" or not peer:
        return ["", ""]
    factor = seat.median / peer[0].median
    return [times(factor), "met" if factor >= GOAL else "missed"]


def _lookout(environment: Environment, precision: str, threads: int, iterations: int) -> list[str]:
    with tempfile.TemporaryDirectory(dir=environment.cache) as name:
        folder = Path(name)
        data, cfg = _data_set(environment, folder, iterations)
        options = ["--precision", precision, "--threads", str(threads), "--quiet"]
        command = [str(environment.binary("lookout")), "train", str(data), str(cfg), *options]
        peak, _ = _run(command, folder)
        log = (folder / f"{NETWORK}.train.jsonl").read_text().splitlines()
        records = [entry for entry in map(json.loads, log) if entry["type"] == "iteration"]
        seconds = [after["seconds"] - before["seconds"] for before, after in zip(records, records[1:])]
    return [spread([BATCH / value for value in seconds]), f"{peak:.0f}"]


def _darknet(environment: Environment, iterations: int) -> list[str]:
    with tempfile.TemporaryDirectory(dir=environment.cache) as name:
        folder = Path(name)
        data, cfg = _data_set(environment, folder, iterations)
        peak, output = _run(["darknet", "detector", "train", str(data), str(cfg)], folder)
    seconds = [float(value) for value in re.findall(r"rate, ([0-9.]+) seconds", output)]
    if not seconds:
        raise BenchmarkError(f"darknet told no times:\n{output[-2000:]}")
    return [spread([BATCH / value for value in seconds]), f"{peak:.0f}"]


def _data_set(environment: Environment, folder: Path, iterations: int) -> tuple[Path, Path]:
    """Pictures with labels beside them, in as many classes as the network has, and the cfg of a short training."""
    for part in ("images", "labels"):
        (folder / part).mkdir()
    chosen = training_pictures(environment)[:PICTURES]
    for picture in chosen:
        shutil.copyfile(picture, folder / "images" / picture.name)
        label = environment.data / "coco/labels/train" / f"{picture.stem}.txt"
        lines = [line.split(maxsplit=1) for line in label.read_text().splitlines()] if label.exists() else []
        text = "".join(f"{int(category) % CLASSES} {box}\n" for category, box in lines)
        (folder / "labels" / label.name).write_text(text)
    (folder / "train.list").write_text("".join(f"{folder}/images/{picture.name}\n" for picture in chosen))
    data, cfg = folder / "voc.data", folder / f"{NETWORK}.cfg"
    names = environment.file("models/voc.names")
    data.write_text(f"classes={CLASSES}\ntrain={folder}/train.list\nnames={names}\nbackup={folder}\n")
    text = environment.file(f"darknet/{NETWORK}.cfg").read_text()
    for key, value in {"batch": BATCH, "subdivisions": 1, "max_batches": iterations, "random": 0}.items():
        text = re.sub(rf"(?m)^{key}\s*=.*$", f"{key}={value}", text)
    cfg.write_text(text)
    return data, cfg


def _run(command: list[str], folder: Path) -> tuple[float, str]:
    """The program's memory at its fullest, in MiB, and what it wrote."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdout=output, stderr=errors, cwd=folder, env=child_environment())
        with limited(process, PROGRAM_LIMIT):
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise ended(" ".join(command), process.returncode, errors)
        output.seek(0)
        return usage.ru_maxrss / 1024, output.read()
