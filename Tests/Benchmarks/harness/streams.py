"""Part 5: how many cameras two cores hold, and what each costs."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path

from .cache import h264
from .environment import Environment
from .models import Model, precisions, quantize, random_model, small_model
from .report import table
from .service import CORES, RATE, Load, Outcome, knows_precision, watch

MOST = 16
SECONDS = 15
GOAL_MS = 500  # the 99th percentile from capture to log
SHARE = 0.95  # of the frames asked for that are analysed
HEAD = [
    "model",
    "precision",
    "streams",
    "frames decoded a second",
    "analysed a second",
    "lookout, CPU s a second",
    "CPU ms a decoded frame",
    "server, CPU s a second",
    "latency ms, median",
    "p99",
    "memory MiB",
    "held",
]


def measure(environment: Environment, quick: bool) -> str:
    # As cameras send it: no frames that depend on later ones, a key picture every two seconds.
    clip = h264(environment, "car-720p-camera", 1280, 720, "-g", "50", "-bf", "0")
    seconds = 4 if quick else SECONDS
    kinds = precisions(environment) if knows_precision(environment) else ["fp32"]
    rows: list[list[object]] = []
    capacities: list[list[object]] = []
    for model in (small_model(environment), random_model(environment, "yolov2-tiny-voc")):
        for precision in kinds:
            if precision == "int8":
                quantize(environment, model)
            trial = _Trial(environment, model, precision, clip, seconds)
            growth = model.name == "yolo-lite-voc" and precision == "fp32"
            if quick:
                for load in [Load(2), Load(1, away=1, slow=1)] if growth else [Load(1)]:
                    trial.watch(load)
            else:
                if growth:
                    for load in [*map(Load, (1, 2, 4, 8, 16)), Load(4, away=12), Load(4, slow=12)]:
                        trial.watch(load)
                capacities.append([model.name, precision, _most(trial.holds)])
            rows += trial.rows()
    text = (
        f"`lookout run` on {CORES} cores, cameras on loopback over RTSP: 1280x720 H.264, 25 frames a second, {RATE} of "
        f"them analysed at 416x416, nothing encoded. {seconds} s each once all streams run. Held means: the 99th "
        f"percentile from capture to log is below {GOAL_MS} ms and every stream has {100 * SHARE:.0f} % of its {RATE} "
        "analysed frames a second. The server that plays the cameras is another process on the same cores, so "
        "without it there would be more. `away`: cameras that refuse the connection; `slow`: streams of which a "
        "frame every 5 seconds is asked for."
    )
    found = [text] if "int8" in kinds else [text, "int8 is skipped: this build's streams.conf has no `precision`."]
    if capacities:
        found.append(table(["model", "precision", f"streams held, of {MOST} at most"], capacities))
    return "\n\n".join([*found, table(HEAD, rows)])


def _most(holds: Callable[[int], bool]) -> int:
    """The largest number that holds, by bisection: whoever holds more holds less."""
    held, failed = 0, MOST + 1
    count = MOST // 2
    while failed - held > 1:
        if holds(count):
            held = count
        else:
            failed = count
        # The most first where half of it has held, since it often holds too.
        count = MOST if held == MOST // 2 and failed > MOST else (held + failed) // 2
    return held


class _Trial:
    """Loads of one model in one precision, each watched once."""

    def __init__(self, environment: Environment, model: Model, precision: str, clip: Path, seconds: float) -> None:
        self._environment, self._model, self._precision = environment, model, precision
        self._clip, self._seconds = clip, seconds
        self._found: dict[Load, Outcome] = {}

    def watch(self, load: Load) -> Outcome:
        if load not in self._found:
            self._found[load] = watch(self._environment, self._model, self._precision, self._clip, load, self._seconds)
        return self._found[load]

    def holds(self, count: int) -> bool:
        return _held(self.watch(Load(count)))

    def rows(self) -> list[list[object]]:
        loads = sorted(self._found, key=lambda load: (load.away, load.slow, load.active))
        return [[self._model.name, self._precision, *_row(load, self._found[load])] for load in loads]


def _held(outcome: Outcome) -> bool:
    return outcome.latency(99) < GOAL_MS and min(outcome.rates) >= SHARE * RATE


def _row(load: Load, outcome: Outcome) -> list[object]:
    idle = ((load.away, "away"), (load.slow, "slow"))
    parts = [f"{load.active} active", *(f"{count} {kind}" for count, kind in idle if count)]
    return [
        ", ".join(parts),
        f"{outcome.decoded / outcome.seconds:.0f}",
        f"{sum(outcome.rates):.1f}",
        f"{outcome.cpu_seconds / outcome.seconds:.2f}",
        f"{1e3 * outcome.cpu_seconds / max(1, outcome.decoded):.2f}",
        f"{outcome.server_cpu_seconds / outcome.seconds:.2f}",
        f"{statistics.median(outcome.latencies):.0f}",
        f"{outcome.latency(99):.0f}",
        f"{outcome.memory_mib:.0f}",
        "yes" if _held(outcome) else "no",
    ]
