import Foundation
import TestSupport
import Testing

/// Damaged files of every kind: each run ends by itself, in time, with an exit code that the help names.
@Suite("Hostile files", .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct HostileTests {
    private static let documented: Set<Int32> = [0, 65, 66, 69, 74]
    private let bench: Bench
    private let clip: String

    init() throws {
        bench = try Bench()
        clip = try Clips.short()
    }

    private func expectOrderlyEnd(_ arguments: [String], at place: SourceLocation = #_sourceLocation) throws {
        // A run takes about a second; one without an end is not to hold up the others for too long.
        let outcome = try Tool(arguments).wait(limit: 300)
        let code = try #require(outcome.code, "\(outcome)", sourceLocation: place)
        #expect(Self.documented.contains(code), "\(outcome)", sourceLocation: place)
        #expect(code == 0 || outcome.stderr.contains("lookout: error: "), "\(outcome)", sourceLocation: place)
    }

    @Test func damagedCfgs() throws {
        let words = [
            "0", "-1", "1", "7", "99999999999999999999", "4294967296", "2147483647", "1e30", "nan", "", "[route]",
        ]
        for seed in 0..<40 {
            var random = SplitMix64(seed: UInt64(seed))
            var lines = TinyNetwork.cfg.split(separator: "\n").map(String.init)
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                let at = Int.random(in: 0..<lines.count, using: &random)
                let word = words[Int.random(in: 0..<words.count, using: &random)]
                switch Int.random(in: 0..<4, using: &random) {
                case 0: lines.remove(at: at)
                case 1: lines.insert(lines[at], at: at)
                case 2: lines[at] = lines[at].split(separator: "=").first.map { "\($0)=\(word)" } ?? word
                default: lines[at] = word
                }
            }
            let cfg = try bench.folder.write(lines.joined(separator: "\n").utf8, to: "\(seed).cfg")
            try expectOrderlyEnd(
                ["process", "--cfg", cfg, "--weights", bench.file("tiny.weights"), "--threads", "1", clip])
        }
    }

    @Test func damagedWeights() throws {
        for seed in 0..<20 {
            var random = SplitMix64(seed: UInt64(seed))
            var bytes = TinyNetwork.weights
            if seed % 4 == 0 { bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random)) }
            for _ in 0..<8 where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                    [0x00, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
            }
            let weights = try bench.folder.write(bytes, to: "\(seed).weights")
            let model = ["--cfg", bench.file("tiny.cfg"), "--weights", weights, "--threads", "1", "--threshold", "0"]
            try expectOrderlyEnd(["process", clip, "--video", bench.file("v.mp4")] + model)
        }
    }

    @Test(arguments: ["short.mkv", "short.mp4", "short.ts", "short.avi"]) func damagedRecordings(_ name: String) throws
    {
        let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: Clips.short(name))))
        for seed in 0..<12 {
            var random = SplitMix64(seed: UInt64(seed))
            var bytes = whole
            if seed % 3 == 0 { bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random)) }
            // Headers are at the start, or (MP4) at the end.
            let from = seed % 2 == 0 ? 0 : bytes.count / 2
            for _ in 0..<(1 << (seed % 6)) where from < bytes.count {
                bytes[Int.random(in: from..<min(bytes.count, from + 4000), using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            let damaged = try bench.folder.write(bytes, to: "\(seed)-\(name)")
            try expectOrderlyEnd(
                ["process"] + bench.model + [damaged, "--events", "/dev/null", "--video", bench.file("v.mkv")])
        }
    }

    @Test(arguments: ["white.png", "white.jpg"]) func damagedPictures(_ name: String) throws {
        let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: Clips.picture(name))))
        for seed in 0..<8 {
            var random = SplitMix64(seed: UInt64(seed))
            var bytes = whole
            for _ in 0..<(1 << (seed % 5)) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let damaged = try bench.folder.write(bytes, to: "\(seed)-\(name)")
            try expectOrderlyEnd(["detect"] + bench.model + [damaged, "--output", bench.file("out")])
        }
    }
}
