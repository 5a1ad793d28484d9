import Foundation
import TestSupport
import Testing

@testable import Streams

/// On a disk of one megabyte.
@Suite(
    .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage),
    .enabled(if: SmallDisk.available, SmallDisk.skipMessage), .timeLimit(.minutes(10)))
struct FullDiskTests {
    private let disk: SmallDisk
    private let bench: VideoBench
    private let first = "gate-20261121T101455Z.mkv"

    init() throws {
        disk = try SmallDisk(bytes: 1 << 20)
        bench = try VideoBench(root: disk.path)
    }

    /// Fills the disk but for so many bytes.
    private func fill(but free: Int, _ name: String = "filler") throws {
        try Data(count: disk.free - free).write(to: URL(fileURLWithPath: bench.path(name)))
    }

    @Test func theSinkStopsAndGoesOnWhenThereIsRoom() throws {
        try fill(but: 40_000)
        let output = bench.output("gate.mkv")
        bench.write(0..<300, to: output)
        #expect(bench.status.failure?.contains("No space left on device") == true)
        #expect(bench.messages.count == 1)
        let written = bench.status.written
        #expect(written > 0)
        #expect(bench.status.lost == 300 - written)
        // What was counted as written can be played.
        #expect(try bench.frames(first) >= written)
        // Another attempt that fails leaves no file without pictures.
        bench.advance(5)
        bench.write(0..<30, to: output)
        #expect(try bench.files() == ["filler", first])
        try FileManager.default.removeItem(atPath: bench.path("filler"))
        bench.advance(10)
        bench.write(0..<30, to: output)
        output.finish()
        #expect(bench.status.failure == nil)
        #expect(bench.status.written == written + 30)
        #expect(bench.status.lost == 330 - written)
        #expect(try bench.frames("gate-20261121T101455Z-2.mkv") == 30)
    }

    @Test func theOldestSegmentsMakeRoomWhereTheSettingsAllow() throws {
        for day in 10..<15 {
            try Data(count: 100_000).write(to: URL(fileURLWithPath: bench.path("gate-202611\(day)T000000Z.mkv")))
        }
        try fill(but: 20_000)
        var settings = bench.settings("gate.mkv")
        settings.keepBytes = 1 << 20
        let output = bench.output(settings)
        bench.write(0..<300, to: output)
        output.finish()
        #expect(bench.status.failure == nil)
        #expect(bench.status.written + bench.status.lost == 300)
        // At most the second that was being written is lost, each time.
        #expect(bench.status.lost <= 2 * 11)
        #expect(bench.messages.count == 1)
        #expect(bench.messages.first?.contains("the disk is full") == true)
        #expect(try !bench.files().contains("gate-20261110T000000Z.mkv"))
        #expect(try bench.files().contains("gate-20261114T000000Z.mkv"))
        #expect(
            try bench.files().filter { $0.hasPrefix("gate-20261121") }.map { try bench.frames($0) }.reduce(0, +) >= 278)
    }

    @Test func nothingIsDeletedWithoutALimit() throws {
        try Data(count: 100_000).write(to: URL(fileURLWithPath: bench.path("gate-20261110T000000Z.mkv")))
        try fill(but: 0)
        let output = bench.output("gate.mkv")
        bench.write(0..<30, to: output)
        #expect(bench.status.lost == 30)
        #expect(bench.status.failure != nil)
        #expect(try bench.files() == ["filler", "gate-20261110T000000Z.mkv"])
    }
}
