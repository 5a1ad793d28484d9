"""The demo's own word on speed, `lookout demo --json`, beside what `lookout bench` and the network alone measure in turn."""

from __future__ import annotations

import json
import statistics
import tempfile

from .environment import Environment, run
from .report import spread, table

ROUNDS = 3
MODEL = "lookout-demo"


def measure(environment: Environment, quick: bool) -> str:
    lookout = str(environment.binary("lookout"))
    network: dict[tuple[str, str], list[float]] = {}
    whole: dict[str, list[float]] = {}
    for _ in range(1 if quick else ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            demo = json.loads(run([lookout, "demo", "--json", "--quiet", "--output", folder], "`lookout demo` failed"))
        for precision in [key for key, value in demo["fps"].items() if value is not None]:
            command = [lookout, "bench", "--model", MODEL, "--precision", precision, "--json"]
            bench = json.loads(run(command, "`lookout bench` failed"))
            whole.setdefault(precision, []).append(demo["fps"][precision])
            network.setdefault((precision, "demo"), []).append(demo["ms_per_frame"][precision])
            network.setdefault((precision, "bench"), []).append(bench["ms_per_frame"]["median"])
    rows = []
    for precision, rates in whole.items():
        told, measured = network[precision, "demo"], network[precision, "bench"]
        ratio = f"{statistics.median(told) / statistics.median(measured):.2f}"
        rows.append([precision, spread(told), spread(measured), ratio, spread(rates, 1)])
    text = (
        "The street of `lookout demo` (1280x720) and its network at 512x288, on all cores; the three commands in turn. "
        "`process` decodes, finds, logs, draws and codes."
    )
    head = ["precision", "demo: ms a picture", "bench: ms a picture", "demo / bench", "demo: process, frames a second"]
    return "\n\n".join([text, table(head, rows)])
