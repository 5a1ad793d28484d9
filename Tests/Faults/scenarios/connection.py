"""Cameras that are away, go away, or fall silent."""

from __future__ import annotations

import random
import time

from harness.eventlog import EventLog, Record
from harness.scene import Scene, scenario
from harness.waiting import PATIENCE, require, wait_until

# `longest_retry` of the scenarios, and what a recovery may take beyond it.
LONGEST_RETRY = 1.0
RECOVERY = 2.0


def seconds_to_frame(log: EventLog, stream: str, mark: int, since: float) -> float:
    """From a monotonic moment until the log has a frame after the mark."""
    log.wait_for("frame", stream, after=mark, seconds=15)
    return time.monotonic() - since


def check_recovery(took: float) -> None:
    limit = (LONGEST_RETRY + RECOVERY) * PATIENCE
    require(took <= limit, f"recovered {took:.1f} s after the camera's return; {limit:g} s is promised")


def check_down_then_gap(log: EventLog, stream: str, mark: int) -> tuple[Record, Record]:
    """That an outage is told: `stream_down`, then a gap with its seconds before the first new frame."""
    after = [record for record in log.poll()[mark:] if record["stream"] == stream]
    downs = [index for index, record in enumerate(after) if record["type"] == "stream_down"]
    require(downs, f"no stream_down of {stream}")
    rest = after[downs[0] :]
    gaps = [i for i, record in enumerate(rest) if record["type"] == "gap" and record["reason"] == "disconnected"]
    require(gaps, f"no gap of {stream} after its stream_down")
    frames = [i for i, record in enumerate(rest) if record["type"] == "frame"]
    require(not frames or gaps[0] < frames[0], f"{stream}: the gap comes after frames that follow it")
    require("seconds" in rest[gaps[0]], "the gap does not tell its seconds")
    return rest[0], rest[gaps[0]]


@scenario(
    "absent-at-start",
    fault="A camera is absent at the start, and comes later",
    promised="the service and its other streams work; the stream is down with a reason; it comes up by itself within"
    " its longest retry + 2 s",
)
def absent_at_start(scene: Scene) -> str:
    there = scene.camera({"/gate": scene.clips.cars})
    absent = scene.camera({"/yard": scene.clips.people}, start=False)
    lookout = scene.lookout({"gate": there.url("/gate"), "yard": absent.url("/yard")}).start(ready=False)
    log = lookout.log()
    scene.did = "two streams, one camera not listening; its server started once five frames of the other were logged"
    log.wait_for("frame", "gate", count=5)
    state = lookout.wait_until(
        "yard is told to be down", lambda: (s := lookout.state("yard"))["state"] == "down" and s, 5
    )
    require(state["reason"] == "refused", f"the reason is {state}, not `refused`")
    require(not lookout.readiness()["ready"], "/readyz says ready with a camera down")
    mark, back = log.mark(), absent.start()
    took = seconds_to_frame(log, "yard", mark, back)
    check_recovery(took)
    lookout.wait_until("all are ready", lambda: lookout.readiness()["ready"], 5)
    lookout.stop()
    return f"down as `refused`, the other stream unharmed; first frame {took:.1f} s after the camera listened"


@scenario(
    "server-restarts",
    fault="The camera's server is killed and restarted, ten times",
    promised="each outage is told by stream_down and gap; frames again within the longest retry (1 s here) + 2 s of"
    " the camera's return",
)
def server_restarts(scene: Scene) -> str:
    times = 3 if scene.quick else 10
    camera = scene.camera({"/gate": scene.clips.people})
    lookout = scene.lookout({"gate": camera.url("/gate")}).start()
    log, chance = lookout.log(), random.Random(2)
    log.wait_for("frame", "gate")
    took: list[float] = []
    reasons: set[str] = set()
    for _ in range(times):
        mark = log.mark()
        camera.kill()
        down = log.wait_for("stream_down", "gate", after=mark, seconds=8)[0]
        reasons.add(down["reason"])
        # So that the return falls on any part of a retry's pause.
        absent_until = time.monotonic() + chance.uniform(0, 2.5)
        wait_until("the camera's time off is over", lambda: time.monotonic() > absent_until, 5)
        mark_up = log.mark()
        took.append(seconds_to_frame(log, "gate", mark_up, camera.start()))
        check_recovery(took[-1])
        check_down_then_gap(log, "gate", mark)
    require(lookout.metrics().get("lookout_reconnects_total", stream="gate") == times, "reconnects are miscounted")
    totals = lookout.stop()["gate"]
    require(totals["reconnects"] == times, f"stream_end counts {totals['reconnects']} reconnects, not {times}")
    scene.did = f"SIGKILL to the server, back after 0-2.5 s, {times} times"
    return (
        f"{times} of {times} recovered, {min(took):.1f}-{max(took):.1f} s after the return"
        f" (reasons: {', '.join(sorted(reasons))})"
    )


@scenario(
    "black-hole",
    fault="The connection is black-holed: packets vanish, no reset",
    promised="down as stalled within stall_timeout + 1 s; attempts into the hole end by connect_timeout; back within"
    " the longest retry + 2 s",
)
def black_hole(scene: Scene) -> str:
    camera = scene.camera({"/gate": scene.clips.people})
    proxy = scene.proxy(camera)
    lookout = scene.lookout({"gate": camera.url("/gate", proxy.port)}, stall_timeout="2s", connect_timeout="2s").start()
    log = lookout.log()
    log.wait_for("frame", "gate", count=5)
    mark, started = log.mark(), time.monotonic()
    proxy.black_hole()
    down = log.wait_for("stream_down", "gate", after=mark)[0]
    noticed = time.monotonic() - started
    require(noticed <= 3 * PATIENCE, f"the silence was noticed after {noticed:.1f} s; stall_timeout is 2 s")
    require(down["reason"] in ("stalled", "timeout"), f"the reason is `{down['reason']}`, not stalled or timeout")
    seen = proxy.connections
    wait_until("two more attempts into the hole", lambda: proxy.connections >= seen + 2, 12)
    mark_up, back = log.mark(), time.monotonic()
    proxy.flow()
    took = seconds_to_frame(log, "gate", mark_up, back)
    # An attempt may be under way, and has to run out first.
    limit = (2 + LONGEST_RETRY + RECOVERY) * PATIENCE
    require(took <= limit, f"recovered {took:.1f} s after the hole closed; {limit:g} s is promised")
    _, gap = check_down_then_gap(log, "gate", mark)
    lookout.stop()
    scene.did = "a proxy stopped forwarding, connections open, until two more attempts had gone into it"
    return (
        f"`{down['reason']}` after {noticed:.1f} s (timeout 2 s); frames {took:.1f} s after the hole closed;"
        f" gap of {gap['seconds']:.1f} s logged"
    )


@scenario(
    "reset",
    fault="The connection is reset in mid-GOP",
    promised="stream_down and gap; frames again within the longest retry + 2 s; nothing damaged is analysed",
)
def reset(scene: Scene) -> str:
    times = 3 if scene.quick else 10
    camera = scene.camera({"/gate": scene.clips.cars})
    proxy = scene.proxy(camera)
    lookout = scene.lookout({"gate": camera.url("/gate", proxy.port)}).start()
    log = lookout.log()
    took: list[float] = []
    for _ in range(times):
        # A key picture comes every 60.
        log.wait_for("frame", "gate", after=log.mark(), count=7)
        mark, started = log.mark(), time.monotonic()
        proxy.reset()
        log.wait_for("stream_down", "gate", after=mark, seconds=5)
        log.wait_for("gap", "gate", after=mark)
        took.append(seconds_to_frame(log, "gate", log.mark(), started))
        check_recovery(took[-1])
        check_down_then_gap(log, "gate", mark)
    require(not any(record.get("corrupt") for record in log.of("frame")), "a damaged frame was analysed")
    lookout.stop()
    scene.did = f"TCP reset some frames after a key picture (one in 60), {times} times"
    return f"{times} of {times} recovered, frames {min(took):.1f}-{max(took):.1f} s after the reset"


@scenario(
    "wrong-password",
    fault="The camera asks for a password, and the given one is wrong",
    promised="down as unauthorized, tried again, up once the password is right; the password appears nowhere",
)
def wrong_password(scene: Scene) -> str:
    from harness.lookout import PASSWORD

    digest = scene.camera({"/gate": scene.clips.people}, user="viewer", password=PASSWORD)
    basic = scene.camera({"/yard": scene.clips.cars}, user="viewer", password=PASSWORD, digest=False)
    secret = scene.folder / "password.txt"
    secret.write_text("wrong\n")
    keys = {"username": "viewer", "password_file": str(secret)}
    lookout = scene.lookout({"gate": {"url": digest.url("/gate"), **keys}, "yard": {"url": basic.url("/yard"), **keys}})
    lookout.start(ready=False)
    for stream in ("gate", "yard"):
        state = lookout.wait_until(
            f"{stream} is down", lambda: (s := lookout.state(stream))["state"] == "down" and s, 10
        )
        require(state["reason"] == "unauthorized", f"{stream}: the reason is {state}, not `unauthorized`")
    # Neither reload nor restart is due to something that may heal: the password is read anew on a reload.
    secret.write_text(PASSWORD + "\n")
    lookout.reload()
    log = lookout.log()
    for stream in ("gate", "yard"):
        log.wait_for("frame", stream, count=5)
    lookout.stop()
    scene.did = "Digest and Basic; the file with the password put right and reloaded"
    return "both down as `unauthorized`, both up after the reload; log, stderr, metrics, /streams, command line clean"
