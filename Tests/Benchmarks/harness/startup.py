"""Part 4: from exec to the first analysed frame, model loaded and record on a pipe."""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
import time

from .cache import clip
from .environment import Environment
from .models import Model, precisions, quantize, random_model, small_model
from .processes import child_environment, ended, limited
from .programs import Program, Task, programs
from .report import spread, table

RUNS = 7
LIMIT = 120  # seconds
GOAL_MS = 300


def measure(environment: Environment, quick: bool) -> str:
    video = clip(environment, "car-40", "INPUT", "-frames:v", "40", "-c:v", "copy")
    models = [random_model(environment, "yolov2-tiny-voc"), small_model(environment)]
    rows: list[list[object]] = []
    for model in models:
        if "int8" in precisions(environment):
            quantize(environment, model)
        found: dict[Program, list[float]] = {program: [] for program in programs(environment)}
        for _ in range(1 if quick else RUNS + 1):
            for program, figures in found.items():
                figures.append(_first_record(program.command(Task(model, video, "/dev/stdout"))))
        for program, figures in found.items():
            # The first run of a program fills the page cache.
            figures = figures if quick else figures[1:]
            rows.append(_row(model, program, figures))
    text = (
        "From exec to the first frame's record on a pipe, in ms: process start, libraries, model, decoder, one frame. "
        f"A 768x432 H.264 clip; {RUNS} runs in turn after one that is not counted, so that files are in memory. The "
        f"goal is {GOAL_MS} ms for yolov2-tiny-voc."
    )
    return "\n\n".join([text, table(["model", "precision", "program", "ms, median [min–max]", "goal"], rows)])


def _row(model: Model, program: Program, figures: list[float]) -> list[object]:
    goal = "–"
    if program.name == "Lookout" and model.name == "yolov2-tiny-voc":
        goal = "met" if statistics.median(figures) < GOAL_MS else "missed"
    return [model.name, program.precision, program.name, spread(figures, 0), goal]


def _first_record(command: list[str]) -> float:
    with tempfile.TemporaryFile("w+") as errors:
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=child_environment())
        assert process.stdout
        with limited(process, LIMIT):
            for line in process.stdout:
                # Lookout announces the stream before.
                if json.loads(line).get("type", "frame") == "frame":
                    taken = 1e3 * (time.perf_counter() - begin)
                    process.kill()
                    process.wait()
                    process.stdout.close()
                    return taken
            raise ended(" ".join(command), process.wait(), errors)
