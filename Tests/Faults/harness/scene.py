"""What a scenario works with: a folder, cameras, proxies and services, all gone when it ends."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from .camera import Camera
from .lookout import Lookout
from .proxy import Proxy
from .waiting import PATIENCE, Skipped

Closable = TypeVar("Closable")


def data_folder() -> Path:
    if not (folder := os.environ.get("LOOKOUT_DATA")):
        raise Skipped("LOOKOUT_DATA is not set")
    return Path(folder).absolute()


class Clips:
    """H.264 clips for cameras, made once a run."""

    def __init__(self, folder: Path) -> None:
        videos = data_folder() / "videos"
        # 768x432, 12.5 a second, a key picture every 60, no B pictures.
        self.cars = str(videos / "car-detection.mp4")
        # 768x432, 10 a second, a key picture every 10, B pictures.
        self.people = str(videos / "one-by-one-person-detection.mp4")
        self.small = str(folder / "small.mp4")
        # A key picture a second, as cameras have; 25 a second.
        self.brisk = str(folder / "brisk.mp4")
        self._encode(self.small, "scale=320:240", 12)
        self._encode(self.brisk, "fps=25", 25)

    def _encode(self, target: str, filter: str, key_interval: int) -> None:
        # One slice a picture: the RTSP server repeats the parameter sets before every one.
        coding = f"-an -vf {filter} -c:v libx264 -preset ultrafast -tune zerolatency -threads 1 -g {key_interval}"
        command = ["ffmpeg", *"-y -v error -t 10 -i".split(), self.cars, *coding.split(), target]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


class Scene:
    def __init__(self, folder: Path, clips: Clips, quick: bool, minutes: float) -> None:
        self.folder, self.clips, self.quick = folder, clips, quick
        # How long the soak lasts.
        self.minutes = minutes
        # What was done, for the report: a scenario may say it with its numbers.
        self.did = ""
        self.lookouts: list[Lookout] = []
        self._open = ExitStack()
        folder.mkdir(parents=True)

    def close(self) -> None:
        self._open.close()

    def closing(self, thing: Closable) -> Closable:
        """`thing.close()` is called when the scenario ends."""
        self._open.callback(thing.close)  # type: ignore[attr-defined]
        return thing

    def finally_do(self, action: Callable[..., Any], *arguments: Any) -> None:
        self._open.callback(action, *arguments)

    def camera(
        self, mounts: Mapping[str, str | list[str]], start: bool = True, rtcp: bool = True, **options: Any
    ) -> Camera:
        """A server with paths and the clips they play, started."""
        full = {
            path: {"clips": [clips] if isinstance(clips, str) else clips, "rtcp": rtcp}
            for path, clips in mounts.items()
        }
        camera = self.closing(Camera(full, self.folder / "camera.txt", **options))
        if start:
            camera.start()
        return camera

    def proxy(self, camera: Camera) -> Proxy:
        return self.closing(Proxy(camera.port))

    def lookout(
        self,
        streams: Mapping[str, dict[str, Any] | str],
        service: dict[str, Any] | None = None,
        environment: dict[str, str] | None = None,
        **defaults: Any,
    ) -> Lookout:
        """A service, not yet started. A stream may be given by its URL alone."""
        models = data_folder() / "models"
        config = {
            "service": {"threads": 2, **(service or {})},
            "defaults": {
                "weights": str(models / "yolo-lite-voc.weights"),
                "cfg": str(models / "yolo-lite-voc.cfg"),
                "names": str(models / "voc.names"),
                "size": "224x224",
                "events": "events.jsonl",
                "longest_retry": "1s",
                # A camera that is only slow must not count as gone.
                "connect_timeout": f"{3 * PATIENCE:g}s",
                "stall_timeout": f"{3 * PATIENCE:g}s",
                **defaults,
            },
            "stream": {name: {"url": keys} if isinstance(keys, str) else keys for name, keys in streams.items()},
        }
        folder = self.folder / f"lookout{len(self.lookouts) or ''}"
        folder.mkdir()
        lookout = self.closing(Lookout(folder, config, environment))
        self.lookouts.append(lookout)
        return lookout


@dataclass
class Scenario:
    name: str
    fault: str
    promised: str
    run: Callable[[Scene], str]
    # Others at the same time would disturb its figures.
    alone: bool = False


SCENARIOS: dict[str, Scenario] = {}


def scenario(
    name: str, *, fault: str, promised: str, alone: bool = False
) -> Callable[[Callable[[Scene], str]], Callable[[Scene], str]]:
    """Registers a function that injects the fault, checks what is promised, and returns what it saw."""

    def register(run: Callable[[Scene], str]) -> Callable[[Scene], str]:
        SCENARIOS[name] = Scenario(name, fault, promised, run, alone)
        return run

    return register
