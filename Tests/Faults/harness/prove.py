"""Proves the fault injectors on a client that is not Lookout: `run --prove`."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from urllib.parse import quote

from .lookout import PASSWORD
from .lossy import LossyProxy
from .scene import Scene
from .waiting import require


class Client:
    """ffprobe, which prints a line a frame for so many seconds of a stream."""

    def __init__(self, url: str, seconds: float, transport: str = "tcp") -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [
                "ffprobe",
                "-v",
                "warning",
                "-rtsp_transport",
                transport,
                "-timeout",
                "2000000",
                "-read_intervals",
                f"%+{seconds}",
                "-show_entries",
                "frame=width,pts_time",
                "-of",
                "csv",
                url,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def after(self, seconds: float, fault: Callable[[], object]) -> Client:
        time.sleep(max(0, self.started + seconds - time.monotonic()))
        fault()
        return self

    def end(self) -> tuple[list[str], str, float]:
        """Its frames, its complaints, and the seconds it ran."""
        out, errors = self.process.communicate(timeout=60)
        frames = [line for line in out.splitlines() if line.startswith("frame")]
        return frames, errors, time.monotonic() - self.started


def prove(scene: Scene) -> str:
    clips = scene.clips
    camera = scene.camera({"/gate": [clips.people, clips.small], "/yard": clips.cars})
    proxy = scene.proxy(camera)

    frames, errors, took = Client(camera.url("/yard"), 4).end()
    require(len(frames) >= 45 and took > 3 and not errors, f"no undisturbed stream in real time: {took} s, {errors}")

    frames, _, _ = Client(camera.url("/gate"), 6).after(3, lambda: camera.play("/gate", 1)).end()
    widths = [frame.split(",")[2] for frame in frames]
    require({"768", "320"} <= set(widths) and widths[-1] == "320", f"the picture does not change: {set(widths)}")

    frames, _, took = Client(camera.url("/yard", proxy.port), 8).after(2, proxy.reset).end()
    require(0 < len(frames) < 60 and took < 4, f"no reset: {len(frames)} frames in {took:.1f} s")

    frames, _, took = Client(camera.url("/yard", proxy.port), 8).after(2, proxy.black_hole).end()
    require(0 < len(frames) < 60 and took > 3.5, f"no black hole: {len(frames)} frames in {took:.1f} s")
    proxy.flow()

    frames, errors, _ = Client(camera.url("/yard", proxy.port), 4).after(1, lambda: proxy.damage(2000)).end()
    require(frames and "error" in errors and proxy.damaged_bytes > 20, f"no damage: {proxy.damaged_bytes}, {errors}")
    proxy.damage(0)

    proxy.refuse()
    _, errors, _ = Client(camera.url("/yard", proxy.port), 1).end()
    require("refused" in errors, f"not refused: {errors}")
    proxy.accept()
    frames, errors, _ = Client(camera.url("/yard", proxy.port), 1).end()
    require(frames and not errors, f"not whole again: {errors}")

    lossy = scene.closing(LossyProxy(camera.port, loss=0.05))
    frames, errors, _ = Client(camera.url("/yard", lossy.port), 10, "udp").end()
    share = lossy.lost / lossy.packets
    require(frames and "missed" in errors and 0.01 < share < 0.15, f"loss of {share:.3f}: {errors}")

    camera.kill()
    _, errors, _ = Client(camera.url("/yard"), 1).end()
    require("refused" in errors, f"a killed camera answers: {errors}")
    camera.start()
    frames, errors, _ = Client(camera.url("/yard"), 1).end()
    require(frames and not errors, f"not back: {errors}")

    for digest in (True, False):
        asking = scene.camera({"/gate": clips.small}, user="viewer", password=PASSWORD, digest=digest)
        _, errors, _ = Client(asking.url("/gate"), 1).end()
        require("401" in errors, f"asks for no password: {errors}")
        knowing = asking.url("/gate").replace("//", f"//viewer:{quote(PASSWORD, safe='')}@")
        frames, errors, _ = Client(knowing, 1).end()
        require(frames and not errors, f"refuses the right password: {errors}")
    return f"real time, new size, reset, black hole, damage, refusal, loss ({100 * share:.1f} %), restart, passwords"
