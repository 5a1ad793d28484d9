import Foundation
import TestSupport
import Testing

@testable import Media

/// What only a camera does: losses, clocks, passwords, silence.
@Suite(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage), .timeLimit(.minutes(60)))
struct LiveInputTests {
    /// 40 pictures, a key every tenth, each one slice built on the one before.
    private static let clip = Clip(
        "camera.h264", from: "testsrc2=s=128x96:r=25:d=1.6",
        "-c:v libx264 -preset veryfast -threads 1 -bf 0 -g 10 -sc_threshold 0 -x264-params ref=1")

    /// The NAL units of each picture: parameters and remarks with the picture that they come before.
    private func pictures() throws -> [[[UInt8]]] {
        let bytes = try Self.clip.bytes()
        var starts = bytes.indices.dropLast(3).filter { bytes[$0] == 0 && bytes[$0 + 1] == 0 && bytes[$0 + 2] == 1 }
        starts.append(bytes.count)
        var (pictures, waiting): ([[[UInt8]]], [[UInt8]]) = ([], [])
        for (start, end) in zip(starts, starts.dropFirst()) {
            var unit = Array(bytes[start + 3..<end])
            while unit.last == 0 { unit.removeLast() }
            waiting.append(unit)
            guard [1, 5].contains(unit[0] & 0x1F) else { continue }
            pictures.append(waiting)
            waiting = []
        }
        try #require(pictures.count == 40)
        return pictures
    }

    /// The clip's pictures sent at the given RTP times; those in `missing` are lost on the way.
    private func steps(times: [UInt32], missing: Set<Int> = [], unnumbered: Bool = false) throws -> [ScriptedCamera
        .Step]
    {
        var sequence: UInt16 = 65_505
        var steps: [ScriptedCamera.Step] = []
        for (index, picture) in try pictures().enumerated() {
            for unit in picture {
                if missing.contains(index) && unnumbered { continue }
                sequence &+= 1
                if missing.contains(index) { continue }
                steps.append(.unit(unit, timestamp: times[index], sequence: sequence))
            }
        }
        return steps
    }

    private let evenTimes = (0..<40).map { UInt32(1000 + 3600 * $0) }

    private func options(_ transport: Demuxer.Transport = .tcp) -> Demuxer.Options {
        var options = Demuxer.Options()
        options.isLive = true
        options.transport = transport
        options.connectTimeout = 600
        options.stallTimeout = 600
        return options
    }

    private struct Seen {
        var frames: [Frame] = []
        var packets: [Packet] = []
        var lost = 0
        var failure: MediaError?
    }

    /// Everything until the camera hangs up, or fails.
    private func watch(_ url: String, _ options: Demuxer.Options) throws -> Seen {
        var seen = Seen()
        let demuxer = try Demuxer(url, options: options)
        let decoder = try PictureDecoder(demuxer, threads: 0)
        do {
            while let packet = try demuxer.read() {
                seen.packets.append(packet)
                try decoder.decode(packet) { seen.frames.append($0) }
            }
        } catch let error as MediaError {
            seen.failure = error
        }
        try decoder.decode(nil) { seen.frames.append($0) }
        seen.lost = demuxer.lostPackets
        return seen
    }

    // MARK: Clocks

    /// Pictures at uneven times; the report comes before the fifth and speaks of a moment in between.
    @Test func `knows when pictures were taken by the camera's reports`() throws {
        var random = SplitMix64(seed: 3)
        var time: UInt32 = 4_294_900_000
        let times = (0..<40).map { _ in
            time &+= UInt32.random(in: 900...9000, using: &random)
            return time
        }
        var steps = try steps(times: times)
        let fifth = try #require(steps.firstIndex { if case .unit(_, times[5], _) = $0 { true } else { false } })
        steps.insert(.report(timestamp: times[5] &+ 450, seconds: 1_800_000_000.25), at: fifth)
        let camera = try ScriptedCamera(.script(steps + [.hangUp]))
        let begin = ContinuousClock.now
        let seen = try watch(camera.url, options())
        #expect(seen.frames.count == 40)
        for (frame, time) in zip(seen.frames, times) {
            let ticks = Int32(bitPattern: time &- times[5]) - 450
            let expected = 1_800_000_000.25 + Double(ticks) / 90_000
            if frame.index > 4, frame.index < 39 {
                let taken = try #require(frame.producerTime, "frame \(frame.index)")
                #expect(abs(taken.timeIntervalSince1970 - expected) < 1e-3, "frame \(frame.index)")
            } else if frame.index < 4 {
                #expect(frame.producerTime == nil)
            }
            let arrival = try #require(frame.arrival)
            #expect(arrival >= begin && arrival <= .now)
        }
        #expect(seen.frames.map(\.isKey) == (0..<40).map { $0 % 10 == 0 })
        #expect(seen.packets.map(\.isKey) == seen.frames.map(\.isKey))
    }

    @Test func `recordings have no such times`() throws {
        let frames = try ReadVideo(Clip.h264TS.path()).frames
        #expect(frames.allSatisfy { $0.producerTime == nil && $0.arrival != nil && !$0.isTainted })
    }

    // MARK: Losses

    @Test func `counts what UDP loses, and doubts all that is built on it`() throws {
        let camera = try ScriptedCamera(.script(steps(times: evenTimes, missing: [13, 14, 27])))
        var options = options(.udp)
        options.stallTimeout = 3
        let seen = try watch(camera.url, options)
        #expect(camera.received.contains("client_port"))
        #expect(seen.lost == 3)
        #expect(seen.failure?.reason == "stalled")
        let sound = seen.frames.filter { !$0.isTainted }.map { Int(($0.seconds * 25).rounded()) }
        // The picture before a loss may have lost its end.
        #expect(sound == Array(0...11) + Array(20...25) + Array(30...39))
        #expect(seen.packets.count { $0.followsLoss } == 2)
    }

    /// A camera whose own buffer overflows leaves pictures out and numbers the rest without a gap.
    @Test func `doubts what is built on pictures that were never sent`() throws {
        let camera = try ScriptedCamera(
            .script(steps(times: evenTimes, missing: [13, 27], unnumbered: true) + [.hangUp]))
        let seen = try watch(camera.url, options())
        #expect(seen.lost == 0)
        let sound = seen.frames.filter { !$0.isTainted }.map { Int(($0.seconds * 25).rounded()) }
        #expect(sound == Array(0...12) + Array(20...26) + Array(30...39))
    }

    // MARK: Failures

    @Test(arguments: [
        ("401 Unauthorized", "unauthorized"), ("403 Forbidden", "unauthorized"), ("404 Not Found", "not_found"),
        ("500 Internal Server Error", "error"), ("461 Unsupported Transport", "error"),
    ])
    func `says why a camera gives nothing`(_ status: String, _ reason: String) throws {
        let camera = try ScriptedCamera(.status(status))
        let error = try mediaError { try Demuxer(camera.url, options: options()) }
        #expect(error.reason == reason)
        #expect(error.subject == camera.url)
    }

    @Test func `says that a camera fell silent`() throws {
        let camera = try ScriptedCamera(.script(steps(times: evenTimes)))
        var options = options()
        options.stallTimeout = 3
        let seen = try watch(camera.url, options)
        #expect(seen.frames.count >= 38)
        let failure = try #require(seen.failure)
        #expect(failure == MediaError(.unavailable, camera.url, "sent nothing for 3 s", reason: .stalled))
    }

    @Test func `one time limit holds for connecting and for finding the video`() throws {
        let camera = try ScriptedCamera(.script([]))
        var options = options()
        options.connectTimeout = 0.5
        let begin = ContinuousClock.now
        let error = try mediaError { try Demuxer(camera.url, options: options) }
        #expect(error.reason == "timeout")
        #expect(error.message == "did not answer within 0.5 s")
        #expect(ContinuousClock.now - begin < .seconds(300))
    }

    @Test func `gives user and password to the camera and to nobody else`() throws {
        let camera = try ScriptedCamera(.status("401 Unauthorized"))
        var options = options()
        options.credentials = Credentials(username: "us er", password: "p@ss/w:ö%?#")
        let error = try mediaError { try Demuxer(camera.url, options: options) }
        let token = Data("us er:p@ss/w:ö%?#".utf8).base64EncodedString()
        #expect(camera.received.contains("Authorization: Basic \(token)\r\n"))
        #expect(!error.description.contains("p@ss") && !error.description.contains("p%40ss"))
        #expect(!"\(options)".contains("p@ss"))
    }
}
