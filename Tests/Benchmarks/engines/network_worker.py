"""Keeps one peer engine loaded and times its forward pass, like network-bench does for Lookout.

usage: network_worker.py ENGINE FILE... WIDTH HEIGHT BATCH THREADS      engines and their files: network_engines.py

Prints `ready ...`, then answers a line on stdin: `run N` with N times of a batch in ms, `output FILE.npy` with
`saved`, `quit`.
"""

from __future__ import annotations

import sys

import numpy as np
from network_engines import ENGINES


def main(arguments: list[str]) -> None:
    name, *files, width, height, batch, threads = arguments
    image = np.random.default_rng(1).random((int(batch), 3, int(height), int(width)), dtype=np.float32)
    engine = ENGINES[name](files, image, int(threads))
    engine.times(1)
    print(f"ready {engine.version}, {threads} threads", flush=True)
    for line in sys.stdin:
        command, *values = line.split()
        match command:
            case "run":
                print(*(f"{time:.4f}" for time in engine.times(int(values[0]))), flush=True)
            case "output":
                np.save(values[0], engine.output())
                print("saved", flush=True)
            case "quit":
                return
            case _:
                sys.exit(f"unknown command {command!r}")


if __name__ == "__main__":
    main(sys.argv[1:])
