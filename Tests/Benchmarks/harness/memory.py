"""Part 7: whether `lookout process` grows with the recording's length."""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from .cache import h264
from .endtoend import PROCESS_LIMIT
from .environment import Environment
from .errors import BenchmarkError
from .models import small_model
from .processes import child_environment, ended, limited
from .programs import Task, lookout_command
from .report import table

SAMPLE = 0.05  # seconds
SETTLED = 100  # frames after which nothing more should be set up


@dataclass(frozen=True)
class Sample:
    frames: int
    rss_mib: float
    peak_mib: float


def measure(environment: Environment, quick: bool) -> str:
    # 377 frames a pass.
    passes = 1 if quick else 4
    video = h264(environment, f"car-720p-{passes * 377}", 1280, 720, passes=passes)
    rows: list[list[object]] = []
    commands: list[str] = []
    for annotated in (False, True):
        with tempfile.TemporaryDirectory(dir=environment.cache) as folder:
            drawn = Path(folder) / "annotated.mp4" if annotated else None
            command = lookout_command(environment, Task(small_model(environment), video, "/dev/stdout", drawn))
            samples, frames = _watch(command)
            commands.append(" ".join(command).replace(folder, "OUT"))
        rows.append(_row("events and video" if annotated else "events", frames, samples))
    head = [
        "output",
        "frames",
        f"RSS at frame {SETTLED}, MiB",
        "RSS at the end, MiB",
        "growth, MiB",
        "peak RSS, MiB",
        "samples",
    ]
    text = (
        "`lookout process` of a 1280x720 H.264 file with yolo-lite-voc; RSS of /proc/PID/status every "
        f"{SAMPLE * 1e3:.0f} ms, frames counted as their records arrive on a pipe."
    )
    return "\n\n".join([text, table(head, rows), "```\n" + "\n".join(commands) + "\n```"])


def _watch(command: list[str]) -> tuple[list[Sample], int]:
    """Samples of a process until it ends, and the frames it recorded in all."""
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env=child_environment())
        assert process.stdout
        records, frames = process.stdout, 0

        def count() -> None:
            nonlocal frames
            for line in records:
                frames += json.loads(line)["type"] == "frame"

        reader = threading.Thread(target=count)
        reader.start()
        samples: list[Sample] = []
        with limited(process, PROCESS_LIMIT):
            while process.poll() is None:
                if memory := _memory(process.pid):
                    samples.append(Sample(frames, *memory))
                time.sleep(SAMPLE)
        reader.join()
        records.close()
        if process.returncode != 0:
            raise ended(" ".join(command), process.returncode, errors)
    return samples, frames


def _memory(pid: int) -> tuple[float, float] | None:
    """Resident and peak resident memory in MiB; nothing for a process that has just ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = dict(line.split(":", 1) for line in status.splitlines())
    if "VmRSS" not in fields:
        return None
    return int(fields["VmRSS"].split()[0]) / 1024, int(fields["VmHWM"].split()[0]) / 1024


def _row(output: str, frames: int, samples: list[Sample]) -> list[object]:
    settled = next((sample for sample in samples if sample.frames >= SETTLED), None)
    if settled is None:
        raise BenchmarkError(
            f"no sample after frame {SETTLED}: records arrive only at the end, or the clip is too short"
        )
    # When the last record has come, before the process gives back its memory.
    end = next(sample for sample in samples if sample.frames == samples[-1].frames)
    peak = max(sample.peak_mib for sample in samples)
    figures = (settled.rss_mib, end.rss_mib, end.rss_mib - settled.rss_mib, peak)
    return [output, frames, *(f"{figure:.1f}" for figure in figures), len(samples)]
