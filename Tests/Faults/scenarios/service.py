"""The service itself: clock, viewers, reload, signals."""

from __future__ import annotations

import os
import signal
import time

from harness import http
from harness.eventlog import EventLog
from harness.media import check_playable
from harness.scene import Scene, scenario
from harness.waiting import PATIENCE, require, wait_until
from harness.wallclock import WallClock


@scenario(
    "clock-step",
    fault="The machine's clock is stepped back an hour",
    promised="no pause, no reconnect; capture times never go back; latency is not disturbed",
)
def clock_step(scene: Scene) -> str:
    clock = WallClock(scene.folder)
    timed = scene.camera({"/gate": scene.clips.people})
    untimed = scene.camera({"/yard": scene.clips.brisk}, rtcp=False)
    lookout = scene.lookout(
        {
            "gate": {"url": timed.url("/gate"), "video": "gate.mkv", "video_segment": "2s"},
            "yard": untimed.url("/yard"),
        },
        environment=clock.environment,
    ).start()
    log = lookout.log()
    sources = {
        # A camera's clock counts once its first report is in.
        "gate": log.wait_for("frame", "gate", where=lambda r: r["time_source"] == "rtcp")[0]["time_source"],
        "yard": log.wait_for("frame", "yard", count=30)[0]["time_source"],
    }
    for step in (-3600, 0, 3600):
        mark = log.mark()
        clock.set(step)
        for stream in ("gate", "yard"):
            # Soon: whoever waits by the wall clock would wait for an hour.
            frames = log.wait_for("frame", stream, after=mark, count=30, seconds=8)
            slowest = max(record["latency_ms"] for record in frames)
            require(slowest < 2000 * PATIENCE, f"{stream}: a latency of {slowest:.0f} ms after the step to {step} s")
        segments = len(lookout.video_segments("gate"))
        lookout.wait_until("segments change", lambda: len(lookout.video_segments("gate")) > segments, 10)
    require(not log.of("stream_down"), "a stream went down")
    lookout.stop()
    for segment in lookout.video_segments("gate"):
        check_playable(segment)
    scene.did = "the process's wall clock stepped by -1 h, then twice by +1 h; the monotonic clock untouched"
    return (
        f"both streams and the video's segments went on at once, times never went back (time_source {sources['gate']}"
        f" and {sources['yard']})"
    )


def decoding_rate(log: EventLog, stream: str, count: int) -> float:
    """Frames that are decoded in a second, while `count` are logged."""
    mark = log.mark()
    first = log.wait_for("frame", stream, after=mark)[-1]
    started = time.monotonic()
    log.wait_for("frame", stream, after=mark, count=count, seconds=count / 25 + 30)
    # The newest one, as the first was: this process may have been late.
    last = log.of("frame", stream, after=mark)[-1]
    return (last["frame"] - first["frame"]) / (time.monotonic() - started)


@scenario(
    "stuck-viewer",
    fault="Viewers stop reading: the event stream and the live picture",
    promised="no stream slows down, other viewers are served, memory stays bounded; it stops in time with them there",
)
def stuck_viewer(scene: Scene) -> str:
    camera = scene.camera({"/gate": scene.clips.brisk})
    lookout = scene.lookout({"gate": camera.url("/gate")}).start()
    log = lookout.log()
    log.wait_for("frame", "gate", count=50)
    pages = ("/events", "/streams/gate/mjpeg")
    stuck = [scene.closing(http.Viewer(lookout.port, page)) for page in pages for _ in range(5)]
    for viewer in stuck:
        wait_until(f"{viewer.path} sends", lambda: viewer.bytes > 200, 10)
    # What the machine can do while they read; what they cost it is no fault.
    usual = decoding_rate(log, "gate", 100)
    require(usual > 22 / PATIENCE, f"only {usual:.1f} of 25 frames a second are decoded while all viewers read")
    for viewer in stuck:
        viewer.stop_reading()
    before = lookout.resources()
    mark = log.mark()
    wanted = 250 if scene.quick else 1500  # 10 or 60 s
    rate = decoding_rate(log, "gate", wanted)
    frames = log.of("frame", after=mark)
    # More than 25 is a camera's delay that is made up for.
    require(rate >= 0.85 * min(usual, 25), f"{rate:.1f} frames a second are decoded; {usual:.1f} before")
    dropped = sum(record["dropped"] for record in frames)
    lookout.check_memory(before, most=32)
    for page in pages:
        viewer = scene.closing(http.Viewer(lookout.port, page))
        wait_until(f"a viewer of {page} beside them is served", lambda: viewer.bytes > 5000, 10)
    require(lookout.metrics().get("lookout_stream_up", stream="gate") == 1, "the stream is not up")
    after = lookout.resources()
    lookout.stop()
    scene.did = f"five clients each of /events and the MJPEG page stop reading for {wanted} frames"
    return (
        f"{rate:.1f} of 25 frames a second decoded meanwhile, {usual:.1f} before; {dropped} of {len(frames) + dropped}"
        f" not analysed; memory {before.memory:.0f} to {after.memory:.0f} MiB; new viewers served;"
        f" stopped in {lookout.stop_seconds:.1f} s"
    )


@scenario(
    "bad-reload",
    fault="A bad configuration is reloaded",
    promised="nothing changes, stderr says file:line; a good one then applies, and leaves unchanged streams alone",
)
def bad_reload(scene: Scene) -> str:
    camera = scene.camera({"/gate": scene.clips.people, "/yard": scene.clips.cars, "/door": scene.clips.cars})
    proxy = scene.proxy(camera)
    lookout = scene.lookout(
        {"gate": camera.url("/gate", proxy.port), "yard": {"url": camera.url("/yard"), "threshold": 0.3}}
    ).start()
    log = lookout.log()
    log.wait_for("frame", "gate")
    good = lookout.config_file.read_text()
    mark = log.mark()
    line = good.count("\n") + 1
    bad = {
        "a syntax error": "[stream.broken\n",
        "an unknown key": '[stream.broken]\nurll = "rtsp://127.0.0.1/x"\n',
        "a wrong type": '[stream.broken]\nurl = "rtsp://127.0.0.1/x"\nthreshold = "high"\n',
        "a missing file": '[stream.broken]\nurl = "rtsp://127.0.0.1/x"\nweights = "nowhere.weights"\n',
    }
    for what, text in bad.items():
        said = len(lookout.errors)
        lookout.config_file.write_text(good + text)
        os.kill(lookout.pid, signal.SIGHUP)
        lines = [f"streams.conf:{line + offset}" for offset in range(text.count("\n") + 1)]
        lookout.wait_until(
            f"stderr tells where {what} is ({lines[0]}...)",
            lambda: any(where in lookout.errors[said:] for where in lines),
            10,
        )
        log.wait_for("frame", "gate", after=log.mark(), count=3)
    changes = [record for record in log.poll()[mark:] if record["type"] != "frame"]
    require(not changes, f"a bad configuration changed something: {changes[:1]}")
    mark = log.mark()
    lookout.streams["yard"]["threshold"] = 0.6
    lookout.streams["door"] = {"url": camera.url("/door")}
    lookout.reload()
    log.wait_for("frame", "door", after=mark)
    up = log.wait_for("stream_up", "yard", after=mark)[0]
    require(up["threshold"] == 0.6, f"the new threshold does not apply: {up}")
    log.wait_for("frame", "yard", after=log.mark())
    before = log.mark()
    del lookout.streams["door"]
    lookout.reload()
    end = log.wait_for("stream_end", "door", after=before)[0]
    require(end["reason"] == "interrupted", f"the removed stream ends as `{end['reason']}`")
    log.wait_for("frame", "gate", after=log.mark())
    of_gate = [record["type"] for record in log.poll()[mark:] if record["stream"] == "gate"]
    touched = [kind for kind in of_gate if kind != "frame"]
    require(not touched and proxy.connections == 1, f"the unchanged stream was touched: {touched}")
    lookout.stop()
    scene.did = f"SIGHUP with {', '.join(bad)}; then one stream changed, one added, and that removed again"
    return "each error told with file:line, nothing changed; the good one applied, the unchanged stream kept its line"


@scenario(
    "second-signal",
    fault="A second signal while it stops",
    promised="the first stops it with 0 within 5 s even with a dead camera; a second one ends it at once",
)
def second_signal(scene: Scene) -> str:
    camera = scene.camera({"/gate": scene.clips.people})
    proxy = scene.proxy(camera)
    streams = {"gate": camera.url("/gate", proxy.port), "yard": camera.url("/gate")}
    # Longer than any stop may take: whoever waits for the camera is seen.
    lookout = scene.lookout(streams, stall_timeout="60s", connect_timeout="60s").start()
    proxy.black_hole()
    log = lookout.log()
    log.wait_for("frame", "yard", after=log.mark(), count=5)
    lookout.stop()
    first = lookout.stop_seconds
    proxy.flow()
    lookout.start()
    process = lookout.process
    assert process
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGTERM)
    code = process.wait(5 * PATIENCE)
    second = time.monotonic() - started
    # It may have been done before the second one came.
    require(code in (0, 143, -signal.SIGTERM), f"exit code {code} after two signals")
    scene.did = "SIGTERM with a black-holed camera (timeouts 60 s); then two SIGTERM in a row"
    return f"exit 0 after {first:.2f} s; after two signals exit {code} in {second:.2f} s"
