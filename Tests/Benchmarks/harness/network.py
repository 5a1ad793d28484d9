"""Part 1: the network alone, against every peer. All engines of a row stay loaded and are visited in turn."""

from __future__ import annotations

import statistics
import tempfile
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from .environment import Environment, run
from .errors import BenchmarkError
from .models import Model, random_model, small_model
from .network_engines import Contender, contenders, missing
from .report import spread, table, times
from .worker import Worker

SIZES = ((416, 416), (416, 256))
BATCHES = (1, 4)
THREADS = (1, 2)
ROUNDS = {1: 5, 4: 3}  # by batch
VISIT_MS = 300
SETTLE = 0.05  # seconds before a visit, in which the previous engine's waiting threads go to sleep
HOPELESS = 3  # times slower than the fastest of its precision after the first round: not visited again
TOLERANCE = 1e-3  # of the largest output, for fp32
GOAL = 1.15


@dataclass(frozen=True)
class Setting:
    """One row: what all engines have in common."""

    model: Model
    size: tuple[int, int]
    batch: int
    threads: int

    def __str__(self) -> str:
        return f"{self.model.name}, {self.size[0]}x{self.size[1]}, batch {self.batch}, threads {self.threads}"


@dataclass
class Seat:
    """An engine in a row, with its times a frame in milliseconds."""

    contender: Contender
    worker: Worker
    batch: int
    count: int = 1
    figures: list[float] = field(default_factory=list)
    left_out: bool = False

    def settle(self) -> None:
        time.sleep(SETTLE)
        warm = self.worker.run(1)[0]
        # Whoever needs a second is warm after the one batch that came before `ready`.
        self.count = max(1, round(VISIT_MS / min(warm, self.worker.run(1)[0]))) if warm < 1000 else 1

    def visit(self) -> None:
        time.sleep(SETTLE)
        self.figures += [milliseconds / self.batch for milliseconds in self.worker.run(self.count)]

    @property
    def median(self) -> float:
        return statistics.median(self.figures)

    def __str__(self) -> str:
        return spread(self.figures) + ("†" if self.left_out else "")


def measure(environment: Environment, quick: bool) -> str:
    found: list[tuple[Setting, list[Seat]]] = []
    notes = missing(environment)
    for setting in _settings(environment, quick):
        found.append((setting, _row(environment, setting, 1 if quick else ROUNDS[setting.batch], notes)))
    text = (
        "Milliseconds a frame, median [min–max]; no resizing and no region decoding; the same weights for all (random "
        "ones but for yolo-lite-voc, which is a trained model; Darknet makes its own). About "
        f"{VISIT_MS} ms a visit, {ROUNDS[1]} rounds forth and back ({ROUNDS[4]} for batch 4). The factor is the fastest "
        f"peer's median over Lookout's; the goal is {GOAL:.2f}x. OpenVINO runs with both hints, and the better one "
        "stands here (T: throughput, several requests in flight; L: latency). ncnn knows no batches. "
        f"† {HOPELESS} times slower than the fastest after the first round, and not visited again."
    )
    parts = [text]
    for precision in ("fp32", "int8"):
        parts += [f"### {precision}", _table(found, precision)]
    if any(seat.contender.precision == "bf16" for _, seats in found for seat in seats):
        parts.insert(
            3,
            "On this CPU OpenVINO computes fp32 models in bf16 unless told otherwise. That column has less precise "
            "arithmetic than the others (8 bits of mantissa), and the factor leaves it out.",
        )
    return "\n\n".join([*parts, "\n".join(f"- {note}" for note in notes)])


def _settings(environment: Environment, quick: bool) -> list[Setting]:
    small = small_model(environment)
    if quick:
        tiny = random_model(environment, "yolov2-tiny-voc")
        return [Setting(tiny, SIZES[0], 1, 1), Setting(small, SIZES[1], 4, 2)]
    models = [random_model(environment, name) for name in ("yolov2-voc", "yolov2-tiny-voc")] + [small]
    return [
        Setting(model, size, batch, threads)
        for model in models
        for size in SIZES
        for batch in BATCHES
        for threads in THREADS
    ]


def _row(environment: Environment, setting: Setting, rounds: int, notes: list[str]) -> list[Seat]:
    first = (setting.batch, setting.threads) == (1, 1)
    taking_part = contenders(environment, setting.model, setting.size, setting.batch, setting.threads)
    with ExitStack() as stack:
        # They load side by side: one after the other would take as long again as all measuring.
        started = [
            Seat(one, stack.enter_context(closing(Worker(one.name, one.command, setting.threads))), setting.batch)
            for one in taking_part
        ]
        seats: list[Seat] = []
        for seat in started:
            try:
                ready = seat.worker.ready
            except BenchmarkError as error:
                _note(notes, f"{seat.contender.name}, {seat.contender.precision} is missing: {_last_line(error)}")
                continue
            seats.append(seat)
            if first:
                _note(notes, f"{seat.contender.name}, {seat.contender.precision}: `{_without_times(ready)}`")
        if first:
            notes.append(f"{setting}: {_agreement(environment, seats)}")
        for seat in seats:
            seat.settle()
        for number in range(rounds):
            for seat in seats if number % 2 == 0 else reversed(seats):
                if not seat.left_out:
                    seat.visit()
            if number == 0:
                _leave_out(seats)
    return seats


def _leave_out(seats: list[Seat]) -> None:
    for seat in seats:
        peers = [other.median for other in seats if other.contender.precision == seat.contender.precision]
        seat.left_out = seat.contender.engine != "Lookout" and seat.median > HOPELESS * min(peers)


def _table(found: list[tuple[Setting, list[Seat]]], precision: str) -> str:
    shown = {"fp32": ("fp32", "bf16"), "int8": ("int8",)}[precision]
    columns: list[tuple[str, str]] = []
    for _, seats in found:
        for seat in seats:
            key = (seat.contender.engine, seat.contender.precision)
            if key[1] in shown and key not in columns:
                columns.append(key)
    columns.sort(key=lambda key: (key[1] == "bf16", key[0] != "Lookout"))
    head = ["network", "size", "batch", "threads"]
    head += [engine + (" in bf16" if kind == "bf16" else "") for engine, kind in columns]
    rows = []
    for setting, seats in found:
        best = {key: _best(seats, key) for key in columns}
        row: list[object] = [setting.model.name, f"{setting.size[0]}x{setting.size[1]}", setting.batch, setting.threads]
        row += [f"{seat}{seat.contender.mark}" if seat else "–" for seat in best.values()]
        rows.append(row + _verdict(best, precision))
    return table([*head, "fastest peer", "factor", "goal"], rows)


def _best(seats: list[Seat], key: tuple[str, str]) -> Seat | None:
    """Of an engine's settings the one with the least median."""
    fitting = [seat for seat in seats if (seat.contender.engine, seat.contender.precision) == key and seat.figures]
    return min(fitting, key=lambda seat: seat.median, default=None)


def _verdict(best: dict[tuple[str, str], Seat | None], precision: str) -> list[object]:
    own = best.get(("Lookout", precision))
    peers = [seat for (engine, kind), seat in best.items() if seat and kind == precision and engine != "Lookout"]
    fastest = min(peers, key=lambda seat: seat.median, default=None)
    if not fastest:
        return ["–", "–", "–"]
    if not own:
        return [fastest.contender.engine, "–", "–"]
    factor = fastest.median / own.median
    return [fastest.contender.engine, times(factor), "met" if factor >= GOAL else "missed"]


def _agreement(environment: Environment, seats: list[Seat]) -> str:
    """That the peers compute the same network; Lookout's own outputs are compared with Darknet's by the test suite."""
    asked = [seat for seat in seats if seat.contender.gives_output]
    asked.sort(key=lambda seat: (seat.contender.name, seat.contender.precision) != ("ONNX Runtime", "fp32"))
    with tempfile.TemporaryDirectory(dir=environment.cache) as folder:
        paths = [str(Path(folder) / f"{index}.npy") for index in range(len(asked))]
        for seat, path in zip(asked, paths):
            seat.worker.save_output(path)
        lines = run(environment.engine("compare_outputs", *paths), "the peers' outputs cannot be compared").splitlines()
    told: dict[str, list[str]] = {}
    for seat, line in zip(asked[1:], lines):
        largest, relative = map(float, line.split())
        name, precision = seat.contender.name, seat.contender.precision
        if precision == "fp32" and not largest < TOLERANCE:
            raise BenchmarkError(f"{name} and {asked[0].contender.name} differ by {largest:.1e} of the largest output")
        told.setdefault(precision, []).append(
            f"{name} {largest:.0e}" if precision == "fp32" else f"{name} {100 * relative:.1f} %"
        )
    said = [f"fp32 by at most (of the largest output) {', '.join(told.pop('fp32', []))}"]
    said += [f"{precision} by relative L2 {', '.join(names)}" for precision, names in told.items()]
    return f"outputs differ from {asked[0].contender.name}'s in {'; '.join(said)}"


def _note(notes: list[str], note: str) -> None:
    if note not in notes:
        notes.append(note)


def _last_line(error: BenchmarkError) -> str:
    return str(error).splitlines()[-1]


def _without_times(ready: str) -> str:
    """The engine's words on itself, without figures that change from run to run."""
    return ready.removeprefix("ready ").split(" KiB, ")[-1]
