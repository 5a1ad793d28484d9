import Detection
import Foundation
import Media
import TestSupport
import Testing

@testable import Streams

@Suite(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage), .timeLimit(.minutes(10)))
struct LiveVideoOutputTests {
    private let bench: VideoBench
    private let first = "gate-20261121T101455Z.mkv"

    init() throws { bench = try VideoBench() }

    // MARK: Segments

    @Test func everyFrameIsWritten() throws {
        let output = bench.output("gate.mkv")
        bench.write(0..<50, to: output)
        // All but the newest second are in the file.
        #expect(bench.status.written >= 39)
        #expect(try bench.frames(first) >= bench.status.written)
        output.finish()
        #expect(try bench.files() == [first])
        #expect(try bench.frames(first) == 50)
        #expect(bench.status.written == 50)
        #expect(bench.status.lost == 0)
        #expect(bench.messages == [])
    }

    @Test(arguments: ["mkv", "mp4"]) func segmentsBeginAtRoundTimes(_ container: String) throws {
        let output = bench.output("deep/er/gate.\(container)", segment: 10)
        // From 10:14:55 on: five seconds, ten, ten and five.
        bench.write(0..<300, to: output)
        output.finish()
        let names = ["1455", "1500", "1510", "1520"].map { "gate-20261121T10\($0)Z.\(container)" }
        #expect(try bench.files(in: "deep/er") == names)
        #expect(try names.map { try bench.frames("deep/er/" + $0) } == [50, 100, 100, 50])
        for name in names {
            // Each begins at zero, with a picture that needs no other.
            let packet = try FFmpegTool.probe(bench.path("deep/er/" + name), "packet=pts_time,flags", streams: "v:0")[0]
            #expect(packet[0] == "0.000000")
            #expect(packet[1].hasPrefix("K"))
        }
        #expect(bench.status.written == 300)
    }

    @Test func notAllMayRead() throws {
        let output = bench.output("deep/er/gate.mkv")
        bench.write(0..<3, to: output)
        output.finish()
        let modes = try ["deep", "deep/er", "deep/er/" + first].map { name in
            try FileManager.default.attributesOfItem(atPath: bench.path(name))[.posixPermissions] as? Int
        }
        // The umask may take more.
        #expect(modes.allSatisfy { $0.map { $0 & 0o027 == 0 } ?? false }, "\(modes)")
        #expect(modes.last.map { $0.map { $0 & 0o117 == 0 } } == true, "\(modes)")
    }

    @Test func eachConnectionHasItsFile() throws {
        let output = bench.output("gate.mkv", segment: 3600)
        bench.write(0..<10, to: output, connection: 1)
        output.finish()
        output.finish()
        #expect(try bench.duration(first) == "1.000000")
        // The end of the second one was not told.
        bench.write(0..<5, to: output, connection: 2)
        bench.write(0..<3, to: output, connection: 3)
        output.finish()
        let names = ["", "-2", "-3"].map { "gate-20261121T101455Z\($0).mkv" }
        #expect(try bench.files() == names.sorted())
        #expect(try names.map { try bench.frames($0) } == [10, 5, 3])
    }

    @Test func aFileThatIsThereIsNeverWrittenOver() throws {
        for name in [first, "gate-20261121T101455Z-3.mkv"] {
            try Data("precious".utf8).write(to: URL(fileURLWithPath: bench.path(name)))
        }
        try FileManager.default.createSymbolicLink(
            atPath: bench.path("gate-20261121T101455Z-2.mkv"), withDestinationPath: bench.path("elsewhere"))
        let output = bench.output("gate.mkv")
        bench.write(0..<3, to: output)
        output.finish()
        #expect(try bench.frames("gate-20261121T101455Z-4.mkv") == 3)
        #expect(try bench.files().count == 4)
        #expect(try String(contentsOfFile: bench.path(first), encoding: .utf8) == "precious")
    }

    @Test func aPictureOfAnotherSizeIsFittedIn() throws {
        let other = try VideoBench.Clip(Clips.moving("other.mkv", size: "96x64"))
        let output = bench.output("gate.mkv")
        bench.write(0..<5, to: output)
        for index in 5..<10 {
            output.write(
                LiveVideoOutput.Picture(
                    frame: other.frames[index], source: other.source, captured: bench.time, connection: 0),
                detections: [])
        }
        output.finish()
        #expect(try bench.files() == [first])
        #expect(try bench.frames(first) == 10)
    }

    @Test func theTimeOfCaptureIsInTheFile() throws {
        let output = bench.output("gate.mkv")
        bench.write(5..<8, to: output)
        output.finish()
        let time = try #require(try VideoBench.Clip(bench.path(first)).source.creationTime)
        #expect(abs(time.timeIntervalSince(bench.time + 0.5)) < 0.01)
    }

    @Test func boxesAreDrawn() throws {
        let output = bench.output("gate.mkv")
        bench.write(0..<10, to: output)
        bench.write(10..<20, to: output, detections: [VideoBench.box])
        bench.write(20..<30, to: output)
        output.finish()
        #expect(try bench.drawn(first) == (0..<30).map { (10..<20).contains($0) })
    }

    // MARK: Old segments

    /// A segment of an hour before, of a mebibyte.
    private func writeOld(_ name: String) throws {
        let path = bench.path(name)
        try Data(count: 1 << 20).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.modificationDate: bench.time - 3600], ofItemAtPath: path)
    }

    @Test func oldSegmentsGoAtTheStartAndWithEachNewOne() throws {
        let old = (0..<4).map { "gate-20261120T0\($0)0000Z.mkv" }
        for name in old.prefix(3) { try writeOld(name) }
        var settings = bench.settings("gate.mkv")
        settings.keepBytes = 5 << 19
        let output = bench.output(settings)
        #expect(try bench.files() == Array(old[1...2]))
        try writeOld(old[3])
        bench.write(0..<3, to: output)
        #expect(try bench.files() == Array(old[2...3]) + [first])
        output.finish()
    }

    @Test func oldSegmentsGoEachMinute() throws {
        var settings = bench.settings("gate.mkv")
        settings.keepSeconds = 1800
        let output = bench.output(settings)
        bench.write(0..<3, to: output)
        try writeOld("gate-20261120T000000Z.mkv")
        bench.advance(59)
        bench.write(3..<4, to: output)
        #expect(try bench.files().count == 2)
        bench.advance(1)
        bench.write(4..<5, to: output)
        #expect(try bench.files() == [first])
        output.finish()
        #expect(try bench.frames(first) == 5)
    }

    // MARK: Failures

    @Test func aFolderThatCannotBeMadeIsToldOnceAndTriedAgain() throws {
        try Data([1]).write(to: URL(fileURLWithPath: bench.path("file")))
        let output = bench.output("file/gate.mkv")
        bench.write(0..<5, to: output)
        #expect(bench.status.lost == 5)
        let failure = try #require(bench.status.failure)
        #expect(failure.hasPrefix(bench.path("file") + ": cannot be created"))
        bench.advance(5)
        bench.write(5..<10, to: output)
        #expect(bench.status.lost == 10)
        #expect(bench.failures == 2)
        #expect(bench.messages.count == 1)
        #expect(bench.messages[0].hasPrefix(failure))
        try FileManager.default.removeItem(atPath: bench.path("file"))
        bench.advance(10)
        bench.write(10..<11, to: output)
        // Not yet in the file: it might fail again.
        #expect(bench.status.failure == failure)
        bench.write(11..<30, to: output)
        #expect(bench.status.failure == nil)
        output.finish()
        #expect(bench.status.written == 20)
        #expect(bench.status.lost == 10)
        #expect(bench.messages.dropFirst() == ["the target: the video is written again"])
        #expect(try bench.files(in: "file") == ["gate-20261121T101456Z.mkv"])
    }

    @Test func pausesDoubleUpToAMinute() throws {
        try Data([1]).write(to: URL(fileURLWithPath: bench.path("file")))
        let output = bench.output("file/gate.mkv")
        bench.write(0..<1, to: output)
        for (index, pause) in [5.0, 10, 20, 40, 60, 60].enumerated() {
            // A quarter of the pause is left to chance.
            bench.advance(pause * 0.74)
            bench.write(1..<2, to: output)
            #expect(bench.failures == index + 1)
            bench.advance(pause * 0.27)
            bench.write(1..<2, to: output)
            #expect(bench.failures == index + 2)
        }
        #expect(bench.status.lost == 13)
        #expect(bench.messages.count == 1)
    }

    @Test func aFolderThatGoesAwayIsMadeAgain() throws {
        let output = bench.output("v/gate.mkv")
        bench.write(0..<30, to: output)
        try FileManager.default.removeItem(atPath: bench.path("v"))
        bench.write(30..<50, to: output)
        #expect(bench.status.failure?.hasSuffix("was deleted while it was written") == true)
        #expect(bench.messages.count == 1)
        bench.advance(5)
        bench.write(50..<80, to: output)
        output.finish()
        #expect(bench.status.failure == nil)
        #expect(bench.status.written + bench.status.lost == 80)
        #expect(try bench.files(in: "v") == ["gate-20261121T101500Z.mkv"])
        #expect(try bench.frames("v/gate-20261121T101500Z.mkv") == 30)
    }

    @Test func aTargetThatFailsAgainSoonHasNotRecovered() throws {
        let output = bench.output("v/gate.mkv")
        let fails = { (first: Int) in
            bench.write(first..<first + 30, to: output)
            try FileManager.default.removeItem(atPath: bench.path("v"))
            bench.write(first + 30..<first + 50, to: output)
        }
        try fails(0)
        bench.advance(5)
        try fails(0)
        #expect(bench.failures == 2)
        bench.advance(7)
        bench.write(0..<30, to: output)
        #expect(bench.status.failure != nil)
        bench.advance(3)
        bench.write(0..<30, to: output)
        #expect(bench.status.failure == nil)
        // It works for a minute: then it begins anew.
        bench.advance(60)
        try fails(30)
        bench.advance(5)
        bench.write(0..<30, to: output)
        #expect(bench.status.failure == nil)
        output.finish()
    }

    @Test func anUnknownContainerLeavesNoFile() throws {
        let output = bench.output("gate.avi")
        bench.write(0..<5, to: output)
        output.finish()
        #expect(bench.status.failure?.hasSuffix("use .mkv or .mp4") == true)
        #expect(bench.status.lost == 5)
        #expect(try bench.files() == [])
    }
}
