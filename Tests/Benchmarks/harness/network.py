"""Part 1: the network alone. Every engine stays loaded; they are visited in turn, forth and back."""

from __future__ import annotations

import statistics
import time
from contextlib import ExitStack, closing

from .environment import Environment, run
from .errors import BenchmarkError
from .models import SIZE, Model, onnx_file, random_model
from .report import spread, table, times
from .worker import Worker

NETWORKS = ("yolov2-tiny-voc", "yolov2-voc")
THREADS = (1, 2)
VISIT_MS = 500
SETTLE = 0.1  # seconds before a visit, in which the previous engine's waiting threads go to sleep
TOLERANCE = 1e-3  # of the largest output


def measure(environment: Environment, quick: bool) -> str:
    rows: list[list[object]] = []
    notes: list[str] = []
    for name in NETWORKS[:1] if quick else NETWORKS:
        model = random_model(environment, name)
        for threads in THREADS:
            with ExitStack() as stack:
                workers = [
                    stack.enter_context(closing(Worker(engine, command, threads)))
                    for engine, command in _commands(environment, model, threads)
                ]
                if threads == THREADS[0]:
                    notes.append(f"{name}: {_agreement(environment, workers[1], workers[2])}")
                    notes += [f"{worker.name}: `{worker.ready}`" for worker in workers] if not rows else []
                found = _visit(workers, rounds=1 if quick else 7)
            own = found["Lookout"]
            for engine, figures in found.items():
                rows.append(
                    [
                        name,
                        threads,
                        engine,
                        spread(figures),
                        len(figures),
                        times(statistics.median(figures) / statistics.median(own)),
                        times(min(figures) / min(own)),
                    ]
                )
    head = [
        "network",
        "threads",
        "engine",
        "ms a frame, median [min–max]",
        "frames",
        "Lookout faster by, medians",
        "minima",
    ]
    text = (
        f"fp32, {SIZE}x{SIZE}, batch 1, random weights (the same file for all), no resizing and no region decoding. "
        f"About {VISIT_MS} ms or at least 3 frames a visit after warm-up; below 1.00x the peer is faster."
    )
    return "\n\n".join([text, table(head, rows), "\n".join(f"- {note}" for note in notes)])


def _commands(environment: Environment, model: Model, threads: int) -> list[tuple[str, list[str]]]:
    size = (SIZE, SIZE)
    bench = [str(environment.binary("network-bench")), model.cfg, model.weights, *size, 1, threads]
    return [
        ("Lookout", [str(argument) for argument in bench]),
        (
            "ONNX Runtime",
            environment.engine("network_worker", "onnxruntime", onnx_file(environment, model), *size, threads),
        ),
        ("OpenCV DNN", environment.engine("network_worker", "opencv", model.cfg, model.weights, *size, threads)),
    ]


def _agreement(environment: Environment, first: Worker, second: Worker) -> str:
    """That the peers compute the same network; Lookout's own outputs are compared with Darknet's by the test suite."""
    paths = [str(environment.cache / f"output-{index}.npy") for index in (0, 1)]
    for worker, path in zip((first, second), paths):
        worker.save_output(path)
    difference = float(run(environment.engine("compare_outputs", *paths), "the peers' outputs cannot be compared"))
    if not difference < TOLERANCE:
        raise BenchmarkError(f"{first.name} and {second.name} differ by {difference:.1e} of the largest output")
    return f"outputs of {first.name} and {second.name} differ by {difference:.0e} of the largest"


def _visit(workers: list[Worker], rounds: int) -> dict[str, list[float]]:
    counts: dict[str, int] = {}
    for worker in workers:
        time.sleep(SETTLE)
        counts[worker.name] = max(3, round(VISIT_MS / min(worker.run(3))))
    found: dict[str, list[float]] = {worker.name: [] for worker in workers}
    for number in range(rounds):
        for worker in workers if number % 2 == 0 else reversed(workers):
            time.sleep(SETTLE)
            found[worker.name] += worker.run(counts[worker.name])
    return found
