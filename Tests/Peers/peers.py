"""What the comparisons share: a virtual environment each, a small YOLOv2 network, Darknet's files and resizing."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
LOOKOUT = HERE.parent.parent / ".build/debug/lookout"
CLASSES = 80
ANCHORS = [0.57, 0.68, 1.1, 1.9, 2.2, 1.2, 2.4, 3.1, 4.2, 3.6]  # cells
# All that is special in YOLOv2: the passthrough with its reorganisation joins layer 7 to the last but one.
LAYERS: list[tuple[str, dict]] = [
    ("convolutional", {"filters": 16, "size": 3}),
    ("convolutional", {"filters": 32, "size": 3, "stride": 2}),
    ("convolutional", {"filters": 32, "size": 3}),
    ("convolutional", {"filters": 64, "size": 3, "stride": 2}),
    ("convolutional", {"filters": 32, "size": 1}),
    ("convolutional", {"filters": 32, "size": 3, "stride": 2}),
    ("maxpool", {"size": 2, "stride": 2}),
    ("convolutional", {"filters": 96, "size": 3}),
    ("maxpool", {"size": 2, "stride": 2}),
    ("convolutional", {"filters": 128, "size": 3}),
    ("convolutional", {"filters": 128, "size": 3}),
    ("route", {"layers": [7]}),
    ("convolutional", {"filters": 16, "size": 1}),
    ("reorg", {"stride": 2}),
    ("route", {"layers": [13, 10]}),
    ("convolutional", {"filters": 128, "size": 3}),
    ("convolutional", {"filters": len(ANCHORS) // 2 * (5 + CLASSES), "size": 1, "linear": True}),
]


def enter_environment(*packages: str) -> None:
    """Starts this again under a virtual environment's own Python, which is made first where it is missing."""
    place = HERE / ".venv" / pathlib.Path(sys.argv[0]).stem
    if pathlib.Path(sys.prefix) == place:
        return
    python = place / "bin" / "python"
    if not (place / "complete").exists():
        venv.create(place, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--retries", "1", *packages], check=True)
        (place / "complete").touch()
    os.execv(python, [str(python), *sys.argv])


def cfg(net: dict, region: dict) -> str:
    """The small network's, with these options."""
    sections = [("net", {"channels": 3, **net})]
    for kind, options in LAYERS:
        if kind == "convolutional":
            is_linear = options.get("linear", False)
            options = {
                "batch_normalize": int(not is_linear), "filters": options["filters"], "size": options["size"],
                "stride": options.get("stride", 1), "pad": 1, "activation": "linear" if is_linear else "leaky"}
        sections.append((kind, options))
    shape = {"anchors": ANCHORS, "num": len(ANCHORS) // 2, "classes": CLASSES, "coords": 4, "jitter": 0}
    sections.append(("region", {**shape, **region}))

    def text(value: object) -> str:
        return ",".join(map(str, value)) if isinstance(value, list) else str(value)

    return "\n".join(
        f"[{kind}]\n" + "".join(f"{key}={text(value)}\n" for key, value in options.items())
        for kind, options in sections)


def parameter_shapes() -> list[tuple[int, str, tuple[int, ...]]]:
    """Layer, name and shape, in the order of a weights file."""
    found, channels = [], []
    for layer, (kind, options) in enumerate(LAYERS):
        depth = channels[-1] if channels else 3
        if kind == "convolutional":
            filters, size = options["filters"], options["size"]
            names = ["biases"] if "linear" in options else ["biases", "scales", "means", "variances"]
            found += [(layer, name, (filters,)) for name in names]
            found.append((layer, "weights", (filters, depth, size, size)))
            depth = filters
        elif kind == "reorg":
            depth *= options["stride"] ** 2
        elif kind == "route":
            depth = sum(channels[source] for source in options["layers"])
        channels.append(depth)
    return found


def write_weights(path: pathlib.Path, parameters: dict, seen: int) -> None:
    import numpy

    with path.open("wb") as file:
        file.write(numpy.array([0, 2, 0], "<i4").tobytes() + numpy.array([seen], "<u8").tobytes())
        for layer, name, _ in parameter_shapes():
            file.write(parameters[layer, name].astype("<f4").tobytes())


def read_weights(path: pathlib.Path) -> dict:
    import numpy

    body, place, found = numpy.fromfile(path, "<f4", offset=20), 0, {}
    for layer, name, shape in parameter_shapes():
        count = int(numpy.prod(shape))
        found[layer, name] = body[place:place + count].reshape(shape)
        place += count
    if place != body.size:
        raise SystemExit(f"{path}: {body.size} numbers, expected {place}")
    return found


def resized(pixels, width: int, height: int):
    """Darknet's: bilinear, corner on corner, without antialiasing. Rows, columns, RGB; 0...1."""
    import numpy

    def along(values, axis: int, count: int):
        own = values.shape[axis]
        position = numpy.arange(count) * ((own - 1) / (count - 1))
        first = numpy.minimum(position.astype(int), own - 2)
        share = (position - first).reshape([-1 if index == axis else 1 for index in range(3)])
        return (1 - share) * values.take(first, axis) + share * values.take(first + 1, axis)

    return along(along(pixels / 255.0, 1, width), 0, height)
