import Foundation
import Pipeline
import Synchronization
import TestSupport
import Testing

@testable import Streams

@Suite("Event files that are rotated") struct EventFileRotationTests {
    private let bench: EventFileBench

    init() throws { bench = try EventFileBench() }

    private func append(_ numbers: some Sequence<Int>, to file: EventFile) {
        for number in numbers { #expect(file.append(EventFileBench.line(number), stream: "gate") == .written) }
    }

    private var size: Int { EventFileBench.line(0).count }

    // MARK: By size

    @Test func aLineThatWouldExceedTheSizeStartsANewFile() throws {
        let file = bench.file(rotateBytes: 2 * size, kept: 2)
        append(0..<2, to: file)
        #expect(try bench.names() == ["events.jsonl"])
        append(2..<7, to: file)
        #expect(try bench.names() == ["events.jsonl", "events.jsonl.1", "events.jsonl.2"])
        #expect(try bench.text() == EventFileBench.text([6]))
        #expect(try bench.text("events.jsonl.1") == EventFileBench.text([4, 5]))
        #expect(try bench.text("events.jsonl.2") == EventFileBench.text([2, 3]))
        #expect(bench.notices.isEmpty)
    }

    @Test func aLineLongerThanTheSizeHasAFileOfItsOwn() throws {
        let file = bench.file(rotateBytes: 3, kept: 2)
        append(0..<3, to: file)
        #expect(try bench.names() == ["events.jsonl", "events.jsonl.1", "events.jsonl.2"])
        for (name, number) in [("events.jsonl", 2), ("events.jsonl.1", 1), ("events.jsonl.2", 0)] {
            #expect(try bench.text(name) == EventFileBench.text([number]))
        }
    }

    @Test func keepingNoneEmptiesTheFile() throws {
        let file = bench.file(rotateBytes: 2 * size, kept: 0)
        append(0..<5, to: file)
        #expect(try bench.names() == ["events.jsonl"])
        #expect(try bench.text() == EventFileBench.text([4]))
    }

    @Test func aFullFileOfAnEarlierProcessIsSetAside() throws {
        append(0..<5, to: bench.file())
        append([5], to: bench.file(rotateBytes: 5 * size))
        #expect(try bench.text("events.jsonl.1") == EventFileBench.text(0..<5))
        #expect(try bench.text() == EventFileBench.text([5]))
    }

    @Test func theTargetOfALinkIsRotatedNotTheLink() throws {
        try FileManager.default.createDirectory(atPath: bench.folder.file("disk"), withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(atPath: bench.path, withDestinationPath: "disk/log")
        append(0..<3, to: bench.file(rotateBytes: 2 * size))
        #expect(try bench.names() == ["disk", "events.jsonl"])
        #expect(try bench.text("disk/log.1") == EventFileBench.text([0, 1]))
        #expect(try bench.text("disk/log") == EventFileBench.text([2]))
    }

    /// A folder has the name that an older log should get.
    @Test func aRotationThatFailsLosesNothing() throws {
        for name in ["events.jsonl.2", "events.jsonl.3/full"] {
            try FileManager.default.createDirectory(
                atPath: bench.folder.file(name), withIntermediateDirectories: true)
        }
        try bench.folder.write("older\n".utf8, to: "events.jsonl.1")
        let file = bench.file(rotateBytes: 2 * size, kept: 3)
        append(0..<4, to: file)
        #expect(try bench.text() == EventFileBench.text(0..<4))
        #expect(try bench.text("events.jsonl.1") == "older\n")
        #expect(bench.notices == ["cannot be rotated: Directory not empty; it grows on"])
        bench.pass(.seconds(1))
        append([4], to: file)
        // Said once.
        #expect(bench.notices.isEmpty)
        #expect(file.status.failure == nil)

        try FileManager.default.removeItem(atPath: bench.folder.file("events.jsonl.3"))
        append([5], to: file)
        #expect(try bench.text() == EventFileBench.text(0..<6))
        bench.pass(.seconds(1))
        append([6], to: file)
        #expect(try bench.text() == EventFileBench.text([6]))
        #expect(try bench.text("events.jsonl.1") == EventFileBench.text(0..<6))
    }

    @Test func aRotationThatIsTriedAgainDropsNoOlderFile() throws {
        for number in [1, 2, 4] { try bench.folder.write("\(number)\n".utf8, to: "events.jsonl.\(number)") }
        append(0..<2, to: bench.file(rotateBytes: size, kept: 4))
        #expect(try bench.text("events.jsonl.4") == "4\n")
        #expect(try bench.text("events.jsonl.3") == "2\n")
        #expect(try bench.text("events.jsonl.2") == "1\n")
        #expect(try bench.text("events.jsonl.1") == EventFileBench.text([0]))
    }

    @Test func whereNoNewFileCanBeOpenedTheOldOneIsWrittenOn() throws {
        let file = bench.file(rotateBytes: 2 * size)
        append(0..<2, to: file)
        bench.failOpening(EMFILE)
        append(2..<4, to: file)
        #expect(bench.notices == ["cannot be rotated: cannot be opened: Too many open files; it grows on"])
        #expect(try bench.names() == ["events.jsonl"])
        bench.failOpening(nil)
        bench.pass(.seconds(1))
        append([4], to: file)
        #expect(try bench.text("events.jsonl.1") == EventFileBench.text(0..<4))
        #expect(try bench.text() == EventFileBench.text([4]))
    }

    // MARK: By others

    @Test(arguments: [false, true]) func aMovedFileIsFollowedWithinASecond(_ isMadeAnew: Bool) throws {
        let file = bench.file()
        append([0], to: file)
        #expect(rename(bench.path, bench.folder.file("moved")) == 0)
        if isMadeAnew { try bench.folder.write([], to: "events.jsonl") }
        bench.pass(.milliseconds(999))
        append([1], to: file)
        bench.pass(.milliseconds(1))
        append([2], to: file)
        #expect(try bench.text("moved") == EventFileBench.text(0..<2))
        #expect(try bench.text() == EventFileBench.text([2]))
        #expect(bench.notices == ["was moved; a new one is written"])
    }

    @Test func aDeletedFileIsMadeAnewAtOnce() throws {
        let file = bench.file()
        append([0], to: file)
        #expect(unlink(bench.path) == 0)
        append([1], to: file)
        #expect(try bench.text() == EventFileBench.text([1]))
        #expect(bench.notices == ["was deleted; it is written anew"])
    }

    @Test func aDeletedFileThatCannotBeMadeIsAFailure() throws {
        let file = bench.file()
        append([0], to: file)
        #expect(unlink(bench.path) == 0)
        bench.failOpening(EACCES)
        #expect(
            file.append(EventFileBench.line(1), stream: "gate")
                == .lost(reason: "\(bench.path): cannot be opened: Permission denied"))
        bench.failOpening(nil)
        file.reopen()
        append([2], to: file)
        #expect(try bench.text().contains(#""reason":"write_failed","seconds":0.000,"records":1,"#))
        #expect(try bench.text().hasSuffix(EventFileBench.text([2])))
    }

    @Test func aMovedFileIsWrittenOnWhileNoneCanTakeItsPlace() throws {
        let file = bench.file(rotateBytes: 3 * size)
        append([0], to: file)
        #expect(rename(bench.path, bench.folder.file("moved")) == 0)
        bench.failOpening(EROFS)
        for number in 1..<9 {
            bench.pass(.seconds(1))
            append([number], to: file)
        }
        #expect(try bench.text("moved") == EventFileBench.text(0..<9))
        #expect(
            bench.notices == [
                "was moved, and a new one cannot be opened: Read-only file system; the moved one is written on"
            ])
        bench.failOpening(nil)
        bench.pass(.seconds(1))
        append([9], to: file)
        #expect(try bench.text() == EventFileBench.text([9]))
    }

    @Test func copyTruncateLeavesNoHole() throws {
        let file = bench.file(rotateBytes: 3 * size)
        append(0..<3, to: file)
        try FileManager.default.copyItem(atPath: bench.path, toPath: bench.folder.file("copy"))
        #expect(truncate(bench.path, 0) == 0)
        append(3..<5, to: file)
        #expect(try bench.text() == EventFileBench.text(3..<5))
        #expect(try bench.names() == ["copy", "events.jsonl"])
    }

    @Test func aHangUpThatCannotBeFollowedIsTold() throws {
        let file = bench.file()
        append([0], to: file)
        bench.failOpening(EMFILE)
        file.reopen()
        #expect(bench.notices == ["cannot be opened: Too many open files; the one that is open is written on"])
        append([1], to: file)
        #expect(try bench.text() == EventFileBench.text(0..<2))
    }

    // MARK: At once

    @Test(.timeLimit(.minutes(30))) func everyLineIsInOneFileOnceWhateverMovesIt() throws {
        let (streams, count) = (4, 500)
        // Looks for moves before every line: each call of the clock is a second later.
        let clock = Atomic(0)
        let began = ContinuousClock.now
        var calls = FileCalls()
        calls.now = { began + .seconds(clock.add(1, ordering: .relaxed).newValue) }
        var settings = EventFileSettings(path: bench.path)
        (settings.rotateBytes, settings.rotatedFiles) = (20 * size, 10_000)
        let file = EventFile(settings, calls: calls) { _ in }

        let isDone = Atomic(false)
        let moves = Atomic(0)
        let hasMoved = Cancellation()
        let mover = try StageThread("mover") { [bench] in
            var move = 0
            while !isDone.load(ordering: .acquiring) {
                if rename(bench.path, bench.folder.file("moved-\(move)")) == 0 {
                    move += 1
                    hasMoved.cancel()
                }
                sched_yield()
            }
            moves.store(move, ordering: .relaxed)
        }
        let writers = try (0..<streams).map { stream in
            try StageThread("writer") {
                for number in 0..<count {
                    #expect(file.append(EventFileBench.line(number, "s\(stream)"), stream: "s\(stream)") == .written)
                    // The first line makes a file that can be moved; the mover may be late for all the others.
                    if number == 0 { _ = hasMoved.pause(seconds: 600) }
                }
            }
        }
        for writer in writers { writer.join() }
        isDone.store(true, ordering: .releasing)
        mover.join()

        var found: [String] = []
        for name in try bench.names() {
            let text = try bench.text(name)
            #expect(text.isEmpty || text.hasSuffix("\n"))
            found += text.split(separator: "\n").map { $0 + "\n" }
        }
        let expected = (0..<streams).flatMap { stream in
            (0..<count).map { String(decoding: EventFileBench.line($0, "s\(stream)"), as: UTF8.self) }
        }
        #expect(found.sorted() == expected.sorted())
        #expect(file.status.written == streams * count)
        #expect(file.status(of: "s1").written == count)
        #expect(moves.load(ordering: .relaxed) > 0)
    }
}
