"""Video files, judged by somebody else's player."""

from __future__ import annotations

import subprocess
from pathlib import Path

from .waiting import Failed, require


def check_playable(path: Path) -> int:
    """Decodes it to the end, without a complaint; returns the number of its pictures."""
    frames, complaints = _decode(path)
    if complaints:
        raise Failed(f"{path.name} ({path.stat().st_size} bytes) does not play: {complaints[:300]}")
    require(frames > 0, f"{path.name} holds no picture")
    return frames


def check_cut(path: Path) -> int:
    """The same of a file that ended anywhere: it may hold no picture only while it is no more than a header."""
    frames, complaints = _decode(path)
    size = path.stat().st_size
    require(frames > 0 or size < 4096, f"{path.name} ({size} bytes) is lost: {complaints[:300]}")
    return frames


def _decode(path: Path) -> tuple[int, str]:
    options = "-v error -select_streams v -count_frames -show_entries stream=nb_read_frames -of csv=p=0"
    result = subprocess.run(
        ["ffprobe", *options.split(), str(path)], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    frames = result.stdout.split("\n")[0].strip()
    complaints = result.stderr.strip() or (f"ffprobe ended with {result.returncode}" if result.returncode else "")
    return int(frames) if frames.isdigit() else 0, complaints
