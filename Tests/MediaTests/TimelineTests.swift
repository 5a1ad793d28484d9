import TestSupport
import Testing

@testable import Media

@Suite struct TimelineTests {
    private static let step: Int64 = 40_000

    /// Where one stream's packets, 40 ms each, come to lie.
    private func placed(_ times: [Int64]) -> [Int64] {
        var timeline = Timeline()
        return times.indices.map { index in
            let next = times.indices.contains(index + 1) ? times[index + 1] : nil
            return times[index] + timeline.shift(times[index], duration: Self.step, stream: 0) { next }
        }
    }

    private func run(from start: Int64, count: Int64) -> [Int64] { (0..<count).map { start + $0 * Self.step } }

    @Test(arguments: [1_000_000_000, 3_000_000, -1_000_000_000, -600_000])
    func `puts a single wild time back in line`(_ jump: Int64) {
        for wild in [5, 9] {
            var times = run(from: 1_000_000, count: 10)
            times[wild] += jump
            #expect(placed(times) == run(from: 1_000_000, count: 10))
        }
    }

    @Test func `keeps gaps`() {
        let paused = run(from: 0, count: 5) + run(from: 3_600_000_000, count: 5)
        #expect(placed(paused) == paused)
        let timeLapse = (0..<9).map { Int64($0) * 60_000_000 }
        #expect(placed(timeLapse + [600_000_000, 601_000_000]) == timeLapse + [600_000_000, 601_000_000])
    }

    @Test func `goes on where the input starts over`() {
        let once = run(from: 1_400_000, count: 20)
        #expect(placed(once + once + once) == run(from: 1_400_000, count: 60))
    }

    @Test func `leaves small steps back alone`() {
        let times: [Int64] = [0, 40_000, 30_000, 120_000, 20_000, 200_000]
        #expect(placed(times) == times)
    }

    /// The sound of the first part is longer than its pictures, and its last packet comes late.
    @Test func `moves all streams together`() {
        var timeline = Timeline()
        let packets: [(stream: Int, time: Int64)] = [
            (0, 0), (1, 0), (0, 1_000_000), (1, 1_000_000), (0, 0), (1, 1_040_000), (0, 40_000), (1, 0), (0, 80_000),
            (1, 40_000),
        ]
        let shifts = packets.indices.map { index in
            timeline.shift(packets[index].time, duration: Self.step, stream: packets[index].stream) {
                packets[(index + 1)...].first { $0.stream == packets[index].stream }?.time
            }
        }
        #expect(shifts == [0, 0, 0, 0, 1_040_000, 0, 1_040_000, 1_080_000, 1_080_000, 1_080_000])
    }

    @Test func `hands packets without a time on with the others' shift`() {
        var timeline = Timeline()
        for time in [1_000_000, 0] as [Int64] {
            _ = timeline.shift(time, duration: Self.step, stream: 0) { time + Self.step }
        }
        #expect(timeline.shift(nil, duration: 0, stream: 0) { nil } == 1_040_000)
        #expect(timeline.shift(nil, duration: 0, stream: 1) { nil } == 1_040_000)
    }

    @Test func `takes any numbers`() {
        var (timeline, random) = (Timeline(), SplitMix64(seed: 7))
        let extremes: [Int64] = [.min, .max, -1 << 50, 1 << 50, 0, 1]
        for _ in 0..<20_000 {
            let pick = { extremes[Int(random.next() % 6)] }
            let (time, duration, next) = (pick(), pick(), pick())
            let stream = Int(random.next() % 3)
            _ = timeline.shift(time, duration: duration, stream: stream) { next }
            _ = timeline.fits(presentation: next, decode: time, stream: stream)
        }
    }
}

@Suite(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct JumpingInputTests {
    /// One packet of 20 is a thousand seconds late; Matroska has presentation times only.
    @Test(arguments: ["-c:v mpeg4", "-c:v libx264 -preset veryfast -threads 1 -bf 2"])
    func `a wild packet does not move the others`(_ coding: String) throws {
        let clip = { (name: String, filter: String) in
            Clip(name, from: "testsrc2=s=64x64:r=25:d=0.8", "\(coding) -bsf:v setts=pts=\(filter)")
        }
        let tag = coding.contains("264") ? "264" : "4"
        let wild = try ReadVideo(clip("wild\(tag).mkv", "'if(eq(N,8),PTS+1000000,PTS)'").path())
        let plain = try ReadVideo(clip("plain\(tag).mkv", "PTS").path())
        try #require(wild.frames.count == 20)
        #expect(zip(wild.seconds, wild.seconds.dropFirst()).allSatisfy { $0 < $1 })
        // A few may be off: the wild one, and those that are put in order by it.
        #expect(zip(wild.seconds, plain.seconds).allSatisfy { abs($0 - $1) < 0.13 })
        #expect(zip(wild.seconds, plain.seconds).suffix(6).allSatisfy { abs($0 - $1) < 0.05 })
    }

    @Test func `a pause stays a pause`() throws {
        let clip = Clip(
            "pause.mkv", from: "testsrc2=s=64x64:r=25:d=0.8",
            "-c:v mpeg4 -bsf:v setts=ts='if(gte(N,8),TS+3600000,TS)'")
        let seconds = try ReadVideo(clip.path()).seconds
        try #require(seconds.count == 20)
        #expect(abs(seconds[7] - 0.28) < 1e-3)
        #expect(abs(seconds[8] - 3600.32) < 1e-3)
        #expect(abs(seconds[19] - 3600.76) < 1e-3)
    }

    @Test(arguments: ["twice.mp4", "twice.mkv"])
    func `sound and pictures go on together where a recording starts over`(_ name: String) throws {
        let folder = try TemporaryFolder()
        let once = try Clip(
            "talk.ts", from: "testsrc2=s=64x64:r=25:d=2",
            "-f lavfi -i sine=d=2 -shortest -c:a aac -c:v libx264 -preset veryfast -threads 1 -bf 2"
        ).bytes()
        let path = folder.file(name)
        try copyVideo(folder.write(once + once + once, to: "joined.ts"), to: path)
        let times = { (stream: String) in
            try FFmpegTool.probe(path, "packet=pts_time", streams: stream).compactMap { Double($0[0]) }.sorted()
        }
        for (stream, step) in [("v:0", 0.04), ("a:0", 1024 / 44_100.0)] {
            let all = try times(stream)
            #expect(abs(all[all.count - 1] - all[0] - 6) < 0.4, "\(stream)")
            let steps = zip(all, all.dropFirst()).map { $1 - $0 }
            #expect(steps.allSatisfy { $0 > 0.5 * step && $0 < 0.3 }, "\(stream): \(steps)")
            #expect(steps.count { abs($0 - step) > 0.002 } <= 6, "\(stream): \(steps)")
        }
    }
}
