"""Part 2: the share of this machine's measured peak that the network reaches, as `lookout bench` tells it."""

from __future__ import annotations

import json
import os

from .environment import Environment, run
from .models import SIZE, precisions, quantize, random_model, small_model
from .report import table


def measure(environment: Environment, quick: bool) -> str:
    if "bench" not in environment.help().split():
        return "Skipped: this build of Lookout has no `lookout bench`."
    models = [random_model(environment, "yolov2-tiny-voc"), small_model(environment)]
    if not quick:
        models.insert(0, random_model(environment, "yolov2-voc"))
    cores = len(os.sched_getaffinity(0))
    rows: list[list[object]] = []
    for precision in precisions(environment):
        for model in models:
            if precision == "int8":
                quantize(environment, model)
            for threads in sorted({1, cores}):
                options = ["--cfg", model.cfg, "--weights", model.weights, "--size", f"{SIZE}x{SIZE}"]
                options += ["--threads", threads, "--precision", precision, "--json"]
                command = [environment.binary("lookout"), "bench", *options]
                found = json.loads(run([str(part) for part in command], "`lookout bench` failed"))
                times = found["ms_per_frame"]
                rows.append(
                    [
                        model.name,
                        precision,
                        threads,
                        f"{times['median']:.2f} [{times['min']:.2f}–{times['max']:.2f}]",
                        f"{found['gflops_per_second']:.0f}",
                        f"{100 * found['peak_share']:.0f} %",
                    ]
                )
    text = (
        f"`lookout bench --json`, {SIZE}x{SIZE}, batch 1: the network's operations a second (2 a multiplication with "
        "addition, as the network defines them), and their share of what the fastest loop of such instructions "
        "reaches here on as many threads. Operations are those of direct convolution; Winograd's kernels do with "
        "fewer, and may so be above the peak."
    )
    head = ["network", "precision", "threads", "ms a frame, median [min–max]", "GFLOP/s or GOP/s", "share of the peak"]
    return "\n\n".join([text, table(head, rows)])
