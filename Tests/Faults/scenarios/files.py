"""Files that cannot be written, are taken away, or are cut off by a crash."""

from __future__ import annotations

import os
import random
import subprocess
import time
from pathlib import Path

from harness import eventlog
from harness.lookout import Lookout
from harness.media import check_cut, check_playable
from harness.scene import Scene, scenario
from harness.waiting import Skipped, require


def small_disk(scene: Scene, megabytes: int) -> Path:
    """A file system of its own."""
    if os.geteuid() != 0:
        raise Skipped("mounting a small file system takes root")
    folder = scene.folder / "disk"
    folder.mkdir()
    size = f"size={megabytes}M"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "none", folder], capture_output=True, text=True)
    if mounted.returncode:
        raise Skipped(f"mounting a small file system is not permitted here: {mounted.stderr.strip()}")
    scene.finally_do(subprocess.run, ["umount", "--lazy", folder])
    return folder


def fill(disk: Path) -> Path:
    """Takes all that is left."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (1 << 16, 1 << 9, 1):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
    return filler


@scenario(
    "disk-full",
    fault="The disk of the events file and of the video is full",
    promised="analysis and other streams go on; the sinks are reported down; once there is room they go on by"
    " themselves; a gap tells how many records are lost; no torn line, every segment playable",
)
def disk_full(scene: Scene) -> str:
    disk = small_disk(scene, 8)
    camera = scene.camera({"/gate": scene.clips.people, "/yard": scene.clips.cars})
    gate = {"url": camera.url("/gate"), "events": str(disk / "gate.jsonl"), "video": str(disk / "gate.mkv")}
    lookout = scene.lookout({"gate": {**gate, "video_segment": "3s"}, "yard": camera.url("/yard")}).start()
    log, other = lookout.log(str(disk / "gate.jsonl")), lookout.log()
    log.wait_for("frame", "gate", count=20)
    sinks = ("events", "video")
    rounds = 1 if scene.quick else 3
    cut: set[Path] = set()
    for _ in range(rounds):
        mark, filler = log.mark(), fill(disk)

        def both_down() -> bool:
            state = lookout.state("gate")["sinks"]
            return all(state[sink] != "ok" for sink in sinks)

        def keep_full() -> bool:
            fill(disk)  # closing a segment may free a little
            return both_down()

        lookout.wait_until("both sinks are reported down", keep_full, 20)
        metrics = lookout.metrics()
        for sink in sinks:
            up = metrics.get("lookout_sink_up", stream="gate", sink=sink)
            require(up == 0, f"lookout_sink_up of {sink} is {up:g} on a full disk")
        analysed = analysed_frames(lookout)
        lookout.wait_until("analysis goes on", lambda: analysed_frames(lookout) > analysed + 20, 20)
        other.wait_for("frame", "yard", after=other.mark(), count=5)
        filler.unlink()
        log.wait_for("gap", "gate", after=mark, where=lambda r: r["reason"] == "write_failed", seconds=30)
        log.wait_for("frame", "gate", after=log.mark(), count=10)
        lookout.wait_until(
            "both sinks work again", lambda: all(lookout.state("gate")["sinks"][s] == "ok" for s in sinks), 30
        )
        known = set(disk.glob("gate-*.mkv"))
        cut |= known
        lookout.wait_until("a new segment is begun", lambda: set(disk.glob("gate-*.mkv")) - known, 30)
    totals = lookout.stop()["gate"]
    records = eventlog.read(disk / "gate.jsonl")
    # Several in a shortage, perhaps: the little that a full disk takes may hold a gap record, and then no more.
    lost = sum(record["records"] for record in records if record["type"] == "gap")
    missing = totals["analysed"] - sum(record["type"] == "frame" for record in records)
    require(missing == lost, f"{missing} records of analysed frames are missing, the gaps tell {lost}")
    segments = set(disk.glob("gate-*.mkv"))
    for segment in segments:
        # Those of before the last shortage may have been cut by it.
        check_cut(segment) if segment in cut else check_playable(segment)
    scene.did = f"a file system of 8 MB filled to the last byte for more than 20 frames, then freed; {rounds} time(s)"
    return (
        f"both sinks reported down and back, {lost} lost records told exactly, {len(segments)} segments all"
        " playable, the other stream unharmed"
    )


def analysed_frames(lookout: Lookout) -> float:
    return lookout.metrics().get("lookout_frames_total", stream="gate", outcome="analysed")


@scenario(
    "sigkill",
    fault="SIGKILL at random moments, twenty times",
    promised="every earlier record intact, no torn line left; a gap `restart`; every finished video segment playable",
)
def sigkill(scene: Scene) -> str:
    times = 5 if scene.quick else 20
    camera = scene.camera({"/gate": scene.clips.people, "/yard": scene.clips.brisk})
    lookout = scene.lookout(
        {
            "gate": {"url": camera.url("/gate"), "video": "gate.mp4", "video_segment": "2s"},
            "yard": {"url": camera.url("/yard"), "video": "yard.mkv", "video_segment": "2s"},
        }
    )
    path = lookout.folder / "events.jsonl"
    chance = random.Random(3)
    torn = 0
    kept = b""
    newest: set[Path] = set()
    for _ in range(times):
        lookout.start()
        eventlog.EventLog(path).wait_for("frame", "gate", after=kept.count(b"\n"))
        # The kill is at a random moment, so this is no wait for anything.
        time.sleep(chance.uniform(0, 4))
        lookout.kill()
        now = path.read_bytes()
        require(now.startswith(kept), "records of earlier lives have changed")
        eventlog.read(path, torn=True)
        kept = now[: now.rfind(b"\n") + 1]
        if torn < times // 2:
            # What a power cut leaves of a record; a kill alone cannot cut a single write.
            record = kept.splitlines()[-1]
            path.write_bytes(kept + record[: chance.randrange(1, len(record))])
            torn += 1
        for stem in ("gate", "yard"):
            newest.update(lookout.video_segments(stem)[-1:])
    mark = kept.count(b"\n")
    lookout.start()
    log = lookout.log()
    for stream in ("gate", "yard"):
        gap = log.wait_for("gap", stream, after=mark, where=lambda r: r["reason"] == "restart")[0]
        require(gap["seconds"] > 0, "the gap does not tell how long nobody watched")
        log.wait_for("frame", stream, after=mark)
    lookout.stop()
    records = eventlog.read(path)
    require(path.read_bytes().startswith(kept), "records of earlier lives have changed")
    restarts = sum(record["type"] == "gap" and record["reason"] == "restart" for record in records)
    require(restarts == 2 * times, f"{restarts} gaps `restart` for {times} kills of two streams")
    finished, cut, empty = 0, 0, 0
    for segment in (*lookout.video_segments("gate"), *lookout.video_segments("yard")):
        if segment not in newest:
            check_playable(segment)
            finished += 1
        elif check_cut(segment):
            cut += 1
        else:
            empty += 1
    require(finished >= times, f"only {finished} finished segments")
    scene.did = (
        f"two streams with video, killed 0-4 s after the first frame, {times} times; half a record left {torn} times"
    )
    return (
        f"{len(records)} records intact, no torn line, {restarts} gaps `restart`; {finished} finished segments all"
        f" playable, and {cut} cut by a kill; {empty} had no picture yet"
    )


@scenario(
    "logrotate",
    fault="logrotate moves the log away while it is written",
    promised="no record lost or doubled, with and without a signal to Lookout; the same for its own rotation",
)
def logrotate(scene: Scene) -> str:
    times = 5 if scene.quick else 10
    camera = scene.camera({"/gate": scene.clips.brisk, "/yard": scene.clips.brisk})
    lookout = scene.lookout(
        {
            "gate": {"url": camera.url("/gate"), "events": "gate.jsonl", "events_rotate": 0},
            "yard": {"url": camera.url("/yard"), "events": "yard.jsonl", "events_rotate": "20kB", "events_keep": 1000},
        }
    ).start()
    path = lookout.folder / "gate.jsonl"
    rules = lookout.folder / "logrotate.conf"
    signalled = f"postrotate\n kill -HUP {lookout.pid}\n endscript"
    for round in range(2 * times):
        rules.write_text(f"{path} {{\n rotate 1000\n create\n {signalled if round % 2 else ''}\n}}\n")
        rules.chmod(0o644)
        # At any moment between two records.
        subprocess.run(
            ["logrotate", "--force", "--state", str(lookout.folder / "logrotate.state"), str(rules)], check=True
        )
        lookout.wait_until("records are in the new file", lambda: path.exists() and path.stat().st_size > 2000, 15)
    own = lambda: len(list(lookout.folder.glob("yard.jsonl.*")))  # noqa: E731
    lookout.wait_until("Lookout has set its own log aside three times", lambda: own() >= 3, 60)
    lookout.stop()
    counts = []
    for name in ("gate", "yard"):
        # .10 is older than .2; the file without a number is the newest.
        files = sorted(lookout.folder.glob(f"{name}.jsonl.*"), key=lambda file: -int(file.suffix[1:]))
        records = [record for file in (*files, lookout.folder / f"{name}.jsonl") for record in eventlog.read(file)]
        totals = eventlog.check(records)
        frames = sum(record["type"] == "frame" for record in records)
        require(name in totals, f"{name}: the log does not end with stream_end")
        require(frames == totals[name]["analysed"], f"{name}: {frames} records of {totals[name]['analysed']} frames")
        counts.append(f"{name}: {frames} of {frames} in {len(files) + 1} files")
    scene.did = (
        f"logrotate --force with `create` {2 * times} times, half of them with SIGHUP; events_rotate = 20kB beside it"
    )
    return "every analysed frame once: " + "; ".join(counts)
