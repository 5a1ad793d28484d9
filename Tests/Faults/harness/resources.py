"""What a process takes, and whether that grows."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Resources:
    at: float  # monotonic seconds
    memory: float  # resident MiB
    descriptors: int
    threads: int

    @staticmethod
    def of(pid: int) -> Resources:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        status = dict(line.split(":", 1) for line in lines)
        return Resources(
            at=time.monotonic(),
            memory=int(status["VmRSS"].split()[0]) / 1024,
            descriptors=len(os.listdir(f"/proc/{pid}/fd")),
            threads=int(status["Threads"]),
        )


def slope(samples: list[tuple[float, float]]) -> float:
    """Of the straight line closest to (x, y) by least squares, in y's unit per x's."""
    count = len(samples)
    mean_x = sum(x for x, _ in samples) / count
    mean_y = sum(y for _, y in samples) / count
    spread = sum((x - mean_x) ** 2 for x, _ in samples)
    return sum((x - mean_x) * (y - mean_y) for x, y in samples) / spread


class Growth:
    """Samples of a process, judged once its first third, while pools and caches fill, is put aside."""

    def __init__(self, pid: int, warm_up: float = 0) -> None:
        """`warm_up`: seconds that are put aside at least."""
        self.pid, self.warm_up = pid, warm_up
        self.samples: list[Resources] = []

    def sample(self) -> None:
        self.samples.append(Resources.of(self.pid))

    @property
    def settled(self) -> list[Resources]:
        start = self.samples[0].at + self.warm_up
        return [sample for sample in self.samples[len(self.samples) // 3 :] if sample.at >= start]

    @property
    def is_enough(self) -> bool:
        """Whether there are enough settled samples to judge."""
        return len(self.settled) >= 3

    def per_hour(self, what: str) -> float:
        """How fast it grows, by linear fit."""
        return slope([(sample.at / 3600, getattr(sample, what)) for sample in self.settled])

    def risen(self, what: str) -> float:
        """The fitted line's rise from the first settled sample to the last."""
        return self.per_hour(what) * (self.settled[-1].at - self.settled[0].at) / 3600

    def __str__(self) -> str:
        last, minutes = self.samples[-1], (self.settled[-1].at - self.settled[0].at) / 60
        # A minute says nothing of an hour.
        hourly = f" ({self.per_hour('memory'):+.1f} MiB an hour)" if minutes >= 10 else ""
        return (
            f"memory {last.memory:.0f} MiB, rise fitted over the last {minutes:.1f} min: {self.risen('memory'):+.1f}"
            f" MiB{hourly}; descriptors {last.descriptors} ({self.risen('descriptors'):+.1f}), threads {last.threads}"
            f" ({self.risen('threads'):+.1f})"
        )
