"""More work than there is time for, and time."""

from __future__ import annotations

import random
import time

from harness import http
from harness.resources import Growth
from harness.scene import Scene, scenario
from harness.waiting import PATIENCE, SANITIZED, require

STREAMS = 12
# Of a frame's record, from the arrival of its packet, under any load.
MOST_LATENCY = 2.0
# Analysed frames of the average stream, so that one more or less is no unequal share.
FRAMES_EACH = 25
# Seconds until every pool, cache and allocator arena of the soak has been in use.
WARM_UP = 80.0


@scenario(
    "overload",
    fault="Twelve streams on two cores, six times more than they can analyse",
    promised="latency bounded (2 s at the 99th percentile) and not growing; the identity exact; every stream its share;"
    " memory flat",
    alone=True,
)
def overload(scene: Scene) -> str:
    seconds = 30 if scene.quick else 120
    camera = scene.camera({f"/{number}": scene.clips.cars for number in range(STREAMS)})
    streams = {f"cam{number:02}": camera.url(f"/{number}") for number in range(STREAMS)}
    lookout = scene.lookout(streams, size="1408x1408")
    lookout.launcher = ["taskset", "--cpu-list", "0,1"]
    lookout.start()
    log = lookout.log()
    for stream in streams:
        log.wait_for("frame", stream, seconds=60)
    mark, growth = log.mark(), Growth(lookout.pid)
    first, started = lookout.metrics(), time.monotonic()

    def enough() -> bool:
        growth.sample()
        log.poll()
        if time.monotonic() - started < seconds:
            return False
        return len(log.of("frame", after=mark)) >= FRAMES_EACH * STREAMS

    lookout.wait_until(f"{FRAMES_EACH} frames of the average stream are analysed", enough, 600, every=0.5)
    last, took = lookout.metrics(), time.monotonic() - started

    def grown(name: str, **labels: str) -> float:
        return last.get(name, **labels) - first.get(name, **labels)

    analysed = {stream: grown("lookout_frames_total", stream=stream, outcome="analysed") for stream in streams}
    decoded = grown("lookout_frames_decoded_total")
    rate = sum(analysed.values()) / took
    # Whatever was not decoded to catch up is load all the same.
    times = STREAMS * 12.5 * took / sum(analysed.values())
    require(times >= 4, f"only {times:.1f} times more frames than could be analysed: no overload here")
    fair = sum(analysed.values()) / STREAMS
    least, most = min(analysed.values()) / fair, max(analysed.values()) / fair
    require(least >= 0.8 and most <= 1.2, f"unequal shares: {least:.2f} to {most:.2f} of the mean: {analysed}")
    frames = log.of("frame", after=mark)
    half = len(frames) // 2
    latencies = [record["latency_ms"] / 1000 for record in frames]
    halves = [percentile(part, 99) for part in (latencies[:half], latencies[half:])]
    require(max(halves) <= MOST_LATENCY * PATIENCE, f"latency of {max(halves):.2f} s at the 99th percentile")
    require(halves[1] <= 1.5 * halves[0] + 0.2 * PATIENCE, f"latency grows: {halves[0]:.2f}, then {halves[1]:.2f} s")
    middle = percentile(latencies, 50)
    require(SANITIZED or growth.risen("memory") <= 20, f"memory is not flat: {growth}")
    skipped = grown("lookout_packets_skipped_total")
    lookout.stop()
    scene.did = f"12 cameras of 12.5 fps, 1408x1408, two cores, {took:.0f} s: {times:.1f} times overloaded"
    return (
        f"{rate:.1f} frames a second analysed, {decoded / took:.0f} decoded, {skipped:g} pictures skipped undecoded;"
        f" shares {least:.2f}-{most:.2f} of the mean; latency {middle:.2f} s median, {max(halves):.2f} s 99th"
        f" percentile; {growth}"
    )


def percentile(values: list[float], percent: float) -> float:
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * percent / 100))]


class Churn:
    """What happens to a service in its life, a little of everything, again and again."""

    def __init__(self, scene: Scene) -> None:
        self.camera = scene.camera({"/gate": scene.clips.people, "/yard": scene.clips.cars})
        self.fragile = scene.camera({"/door": scene.clips.people})
        self.proxy = scene.proxy(self.camera)
        self.lookout = scene.lookout(
            {
                "gate": {
                    "url": self.camera.url("/gate", self.proxy.port),
                    "video": "gate.mkv",
                    "video_segment": "5s",
                    "video_limit": "5MB",
                },
                "yard": self.camera.url("/yard"),
                "door": self.fragile.url("/door"),
            },
            events_rotate="500kB",
            events_keep=2,
        ).start()
        self.chance = random.Random(4)
        self.rounds = 0
        scene.finally_do(self._leave)
        self.viewers: list[http.Viewer] = []

    def round(self) -> None:
        """One of each; ends with all streams up."""
        self.rounds += 1
        self.fragile.kill()
        self.proxy.reset()
        self._leave()
        self.viewers = [
            http.Viewer(self.lookout.port, page)
            for page in ("/events", "/events?stream=gate&detections=1", "/streams/gate/mjpeg", "/streams/yard/mjpeg")
        ]
        self.viewers[self.chance.randrange(4)].stop_reading()
        for page in ("/", "/streams", "/readyz", "/streams/gate/snapshot.jpg", "/nothing"):
            http.get(self.lookout.port, page)
        streams = self.lookout.streams
        if "extra" in streams:
            del streams["extra"]
        else:
            streams["extra"] = {"url": self.camera.url("/yard"), "max_fps": 2}
        self.lookout.reload()
        down = lambda: self.lookout.state("door")["state"] != "up"  # noqa: E731
        self.lookout.wait_until("the camera's loss is noticed", down, 10)
        self.fragile.start()

        def all_up() -> bool:
            state = self.lookout.readiness()
            return state["ready"] and set(state["streams"]) == set(streams)

        self.lookout.wait_until("all streams are up again", all_up, 20)

    def _leave(self) -> None:
        for viewer in self.viewers:
            viewer.close()
        self.viewers = []


@scenario(
    "soak",
    fault="Hours with churn: servers restart, connections break, viewers come, go and hang, reloads",
    promised="memory, descriptors and threads flat after warm-up; all streams up after each round; identity exact",
    alone=True,
)
def soak(scene: Scene) -> str:
    churn = Churn(scene)
    lookout, growth = churn.lookout, Growth(churn.lookout.pid, warm_up=WARM_UP)
    started = time.monotonic()
    while time.monotonic() - started < scene.minutes * 60 or not growth.is_enough:
        churn.round()
        lookout.check_running()
        # Always in the same state, or the samples would tell of the churn.
        growth.sample()
    for what, most in (("descriptors", 4), ("threads", 4)):
        require(growth.risen(what) <= most, f"{what} are not flat: {growth}")
    # Allocators take their time; an hour shows a leak better than a minute, and is judged as strictly.
    require(SANITIZED or growth.risen("memory") <= 24, f"memory is not flat: {growth}")
    used = sum(segment.stat().st_size for segment in lookout.video_segments("gate"))
    require(used <= 8_000_000, f"the video takes {used} bytes; video_limit is 5MB")
    kept = list(lookout.folder.glob("events.jsonl*"))
    require(len(kept) <= 3, f"{len(kept)} event files; events_keep is 2")
    lookout.stop()
    took = (time.monotonic() - started) / 60
    scene.did = f"{churn.rounds} rounds of churn in {took:.1f} min over three to four streams"
    return f"all up after each round; {growth}"
