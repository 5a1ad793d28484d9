"""Pictures that change, are lost or damaged on their way."""

from __future__ import annotations

from harness.lossy import LossyProxy
from harness.media import check_playable
from harness.scene import Scene, scenario
from harness.waiting import require, wait_until


@scenario(
    "resolution-change",
    fault="The camera changes its resolution in mid-stream",
    promised="analysis goes on with the new size, no reconnect; every video segment is playable",
)
def resolution_change(scene: Scene) -> str:
    camera = scene.camera({"/gate": [scene.clips.people, scene.clips.small]})
    proxy = scene.proxy(camera)
    stream = {"url": camera.url("/gate", proxy.port), "video": "gate.mkv"}
    lookout = scene.lookout({"gate": stream}, size="auto").start()
    log = lookout.log()
    sizes = [(768, 432), (320, 240)]
    changes = 4
    for change in range(changes + 1):
        width, height = sizes[change % 2]
        log.wait_for(
            "frame", "gate", after=log.mark(), count=15, where=lambda r: (r["width"], r["height"]) == (width, height)
        )
        if change < changes:
            camera.play("/gate", (change + 1) % 2)
    require(proxy.connections == 1, f"{proxy.connections} connections instead of one")
    require(not log.of("stream_down"), "the stream went down")
    lookout.stop()
    segments = lookout.video_segments("gate")
    frames = [check_playable(segment) for segment in segments]
    scene.did = f"768x432 to 320x240 and back within one RTSP connection, {changes} times"
    return f"all sizes analysed on one connection; {len(segments)} segment(s) with {sum(frames)} frames, all playable"


@scenario(
    "udp-loss",
    fault="5 % of the packets are lost on UDP",
    promised="the stream stays up; losses are counted; frames built on damage are not analysed, and counted",
)
def udp_loss(scene: Scene) -> str:
    camera = scene.camera({"/gate": scene.clips.people})
    proxy = scene.closing(LossyProxy(camera.port, loss=0.05))
    lookout = scene.lookout({"gate": {"url": camera.url("/gate", proxy.port), "transport": "udp"}}).start()
    log = lookout.log()
    # Enough for a rate.
    wait_until("the camera has sent 800 packets", lambda: proxy.packets > 800, 60)
    log.wait_for("frame", "gate", after=log.mark(), count=3)
    require(lookout.state("gate")["state"] == "up", "the stream is not up")
    require(not log.of("stream_down"), "the stream went down")
    metrics = lookout.metrics()
    told = metrics.get("lookout_packets_lost_total", stream="gate")
    corrupt = metrics.get("lookout_frames_total", stream="gate", outcome="corrupt")
    lost, sent = proxy.lost, proxy.packets
    require(0.5 * lost <= told <= 1.5 * lost, f"{lost} packets were lost, {told:g} are counted")
    require(corrupt > 0, "no frame counts as corrupt")
    require(not any(record.get("corrupt") for record in log.of("frame")), "a damaged frame was analysed")
    totals = lookout.stop()["gate"]
    scene.did = f"{lost} of {sent} RTP packets dropped ({100 * lost / sent:.1f} %) by an RTSP proxy"
    return (
        f"never down; {told:g} losses counted; {totals['decoded']} frames decoded, {totals['analysed']} analysed,"
        f" {totals['dropped_by'].get('corrupt', 0)} dropped as corrupt"
    )


@scenario(
    "corruption",
    fault="Bytes are corrupted in transit",
    promised="no crash, no hang; damaged frames are not analysed, and counted; whole again when the line is",
)
def corruption(scene: Scene) -> str:
    camera = scene.camera({"/gate": scene.clips.people, "/yard": scene.clips.cars})
    proxy = scene.proxy(camera)
    lookout = scene.lookout({"gate": camera.url("/gate", proxy.port), "yard": camera.url("/yard")}).start()
    log = lookout.log()
    rates = [2_000, 200] if scene.quick else [20_000, 2_000, 200]
    for every in rates:
        log.wait_for("frame", "gate", after=log.mark(), count=3)
        before = proxy.damaged_bytes
        proxy.damage(every)
        wait_until("40 bytes are damaged", lambda: proxy.damaged_bytes >= before + 40, 40 if every > 10_000 else 20)
        mark = log.mark()
        log.wait_for("frame", "yard", after=mark, count=5)
        proxy.damage(0)
        log.wait_for("frame", "gate", after=log.mark(), count=15, seconds=20)
        require(lookout.state("gate")["state"] == "up", "the stream is not up on a clean line")
    metrics = lookout.metrics()
    errors = metrics.get("lookout_decode_errors_total", stream="gate")
    corrupt = metrics.get("lookout_frames_total", stream="gate", outcome="corrupt")
    reconnects = metrics.get("lookout_reconnects_total", stream="gate")
    require(errors + corrupt > 0, "neither decode errors nor corrupt frames are counted")
    require(not any(record.get("corrupt") for record in log.of("frame")), "a damaged frame was analysed")
    require(not log.of("stream_down", "yard"), "the other stream went down")
    lookout.stop()
    scene.did = f"one byte in {', '.join(str(rate) for rate in rates)} replaced: {proxy.damaged_bytes} bytes"
    return (
        f"{corrupt:g} frames dropped as corrupt, {errors:g} decode errors, {reconnects:g} reconnects; up each time the"
        " line was clean, the other stream unharmed"
    )
