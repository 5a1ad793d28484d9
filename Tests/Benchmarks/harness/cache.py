"""What is made once and kept in the cache folder: whole, or not there."""

from __future__ import annotations

import shutil
from pathlib import Path

from .environment import Environment, run


def partial(path: Path) -> Path:
    return path.with_name(path.name + ".partial")


def made(path: Path, command: list[str]) -> Path:
    """Makes a cached file by a command that writes its partial name: an interrupted run leaves nothing half done."""
    if not path.exists():
        run(command, f"it should have made {path}")
        partial(path).rename(path)
    return path


def made_folder(path: Path, command: list[str]) -> Path:
    """The same for a folder, which the command finds empty."""
    if not path.exists():
        shutil.rmtree(partial(path), ignore_errors=True)
        partial(path).mkdir()
        made(path, command)
    return path


def clip(environment: Environment, name: str, *arguments: str) -> Path:
    """A clip of the car video made by ffmpeg, whose arguments stand before and after the input."""
    source, out = environment.file("videos/car-detection.mp4"), environment.cache / f"{name}.mp4"
    split = arguments.index("INPUT")
    head, tail = arguments[:split], arguments[split + 1 :]
    command = ["ffmpeg", "-v", "error", "-y", *head, "-i", str(source), "-an", *tail, "-f", "mp4", str(partial(out))]
    return made(out, command)


def h264(environment: Environment, name: str, width: int, height: int, *arguments: str, passes: int = 1) -> Path:
    """The car video in another size, at 25 frames a second as cameras have, 377 frames a pass."""
    picture = f"setpts=N/25/TB,scale={width}:{height}"
    encoder = ("-r", "25", "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")
    return clip(environment, name, "-stream_loop", str(passes - 1), "INPUT", "-vf", picture, *encoder, *arguments)
