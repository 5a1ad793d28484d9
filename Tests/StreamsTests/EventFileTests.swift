import Foundation
import Pipeline
import TestSupport
import Testing

@testable import Streams

@Suite("Event files") struct EventFileTests {
    private let bench: EventFileBench

    init() throws { bench = try EventFileBench() }

    private func append(_ numbers: some Sequence<Int>, to file: EventFile) {
        for number in numbers { #expect(file.append(EventFileBench.line(number), stream: "gate") == .written) }
    }

    // MARK: Opening

    @Test func everyRecordIsThereAtOnceAndNoneIsOverwritten() throws {
        for round in 0..<2 {
            let file = bench.file()
            for number in 0..<3 {
                append([round * 3 + number], to: file)
                #expect(try bench.text() == EventFileBench.text(0...(round * 3 + number)))
            }
            #expect(file.status.written == 3)
        }
        #expect(bench.writes == 6)
        #expect(bench.notices.isEmpty)
    }

    @Test func itIsOpenedByTheFirstRecordWithItsFolders() throws {
        let path = bench.folder.file("var/log/lookout/events.jsonl")
        let file = bench.file(path)
        #expect(try bench.names().isEmpty)
        append([1], to: file)
        #expect(try bench.text("var/log/lookout/events.jsonl") == EventFileBench.text([1]))
        var information = stat()
        try #require(stat(path, &information) == 0)
        // Less what the umask takes.
        #expect(information.st_mode & 0o7777 & ~0o640 == 0)
        #expect(information.st_mode & 0o600 == 0o600)
    }

    @Test func aFolderThatCannotBeMadeIsAFailureNotAnEnd() throws {
        try bench.folder.write([], to: "var")
        let file = bench.file(bench.folder.file("var/events.jsonl"))
        let reason = "\(bench.folder.file("var/events.jsonl")): cannot be opened: Not a directory"
        #expect(file.append(EventFileBench.line(1), stream: "gate") == .lost(reason: reason))
        #expect(file.status(of: "gate").failure == reason)
        #expect(unlink(bench.folder.file("var")) == 0)
        bench.pass(.seconds(1))
        append([2], to: file)
        #expect(file.status.failure == nil)
    }

    @Test func devicesArePlacesToo() throws {
        append(0..<3, to: bench.file("/dev/null", rotateBytes: 10))
        let full = bench.file("/dev/full")
        #expect(
            full.append(EventFileBench.line(1), stream: "gate")
                == .lost(reason: "/dev/full: cannot be written: No space left on device"))
    }

    @Test func standardOutputIsNeitherRotatedNorClosed() throws {
        let written = Locked<[String]>([])
        var calls = bench.calls
        calls.write = { descriptor, bytes in
            written.withLock { $0.append("\(descriptor) \(String(decoding: bytes, as: UTF8.self))") }
            return bytes.count
        }
        var settings = EventFileSettings(path: "-")
        settings.rotateBytes = 1
        var file: EventFile? = EventFile(settings, calls: calls) { Issue.record("\($0)") }
        for number in 0..<3 {
            bench.pass(.seconds(2))
            append([number], to: try #require(file))
            file?.reopen()
        }
        #expect(file?.unfinished(stream: "gate") == nil)
        file = nil
        #expect(written.withLock { $0 } == (0..<3).map { "1 " + EventFileBench.text([$0]) })
        #expect(fcntl(STDOUT_FILENO, F_GETFD) >= 0)
    }

    /// It must neither block the stream nor end the process.
    @Test func aPipeThatNobodyReadsLosesWhatDoesNotFit() throws {
        try #require(mkfifo(bench.path, 0o600) == 0)
        let file = bench.file()
        let line = EventFileBench.line(1)
        while file.append(line, stream: "gate") == .written {
            try #require(file.status.written < 1_000_000)
        }
        #expect(file.status.failure?.contains("Resource temporarily unavailable") == true)
        #expect(file.status.written > 0)
    }

    @Test func afterItsCloseRecordsAreLost() throws {
        let file = bench.file()
        append([1], to: file)
        file.close()
        #expect(file.append(EventFileBench.line(2), stream: "gate") == .lost(reason: "\(bench.path): is closed"))
        #expect(file.status(of: "gate").lost == 1)
        #expect(try bench.text() == EventFileBench.text([1]))
    }

    @Test func theDescriptorGoesWithTheFile() throws {
        var file: EventFile? = bench.file()
        append([1], to: try #require(file))
        #expect(try bench.isOpen)
        file = nil
        #expect(try !bench.isOpen)
    }

    // MARK: After a crash

    /// A process may be killed, and a disk lose power, at any byte.
    @Test func whereverTheFileWasCutNoTornLineIsLeft() throws {
        let whole = (0..<4).flatMap { EventFileBench.line($0) }
        let before = (0..<2).flatMap { EventFileBench.line($0) }.count
        for length in before...whole.count {
            for zeros in [0, 1, 5000] {
                let bytes = whole.prefix(length) + [UInt8](repeating: 0, count: zeros)
                try bench.folder.write(bytes, to: "events.jsonl")
                append([9], to: bench.file())
                let survivors = whole.prefix(length).count { $0 == UInt8(ascii: "\n") }
                #expect(try bench.text() == EventFileBench.text(Array(0..<survivors) + [9]))
                let end = survivors == 0 ? 0 : EventFileBench.text(0..<survivors).utf8.count
                let torn = bytes.count - end
                #expect(
                    bench.notices == (torn == 0 ? [] : ["ended with a torn record; its \(torn) bytes were removed"]))
            }
        }
    }

    @Test func whatIsNoRecordIsSetApart() throws {
        try bench.folder.write("shopping: milk".utf8, to: "events.jsonl")
        append([1], to: bench.file())
        #expect(try bench.text() == "shopping: milk\n" + EventFileBench.text([1]))
        #expect(bench.notices == ["ends with no line feed; one is put there"])
    }

    @Test func anUnfinishedStreamIsToldOnce() throws {
        let line = #"{"v":1,"type":"frame","stream":"gate","time":"2026-11-20T20:24:35.500Z"}"# + "\n"
        try bench.folder.write(line.utf8, to: "events.jsonl")
        let file = bench.file()
        #expect(file.unfinished(stream: "yard") == nil)
        // Its own records are not an earlier process's.
        append([1], to: file)
        #expect(
            file.unfinished(stream: "gate")
                == UnfinishedStream(lastTime: Date(timeIntervalSince1970: 1_795_206_275.5)))
        #expect(file.unfinished(stream: "gate") == nil)
        file.reopen()
        #expect(file.unfinished(stream: "gate") == nil)
    }

    @Test func anUnfinishedStreamWaitsForTheDisk() throws {
        try bench.folder.write(EventFileBench.line(1), to: "events.jsonl")
        let file = bench.file()
        bench.failOpening(EIO)
        #expect(file.unfinished(stream: "gate") == nil)
        #expect(file.status.failure == "\(bench.path): cannot be opened: Input/output error")
        bench.failOpening(nil)
        #expect(file.unfinished(stream: "gate") == nil)
        bench.pass(.seconds(1))
        #expect(file.unfinished(stream: "gate") == UnfinishedStream(lastTime: nil))
        append([2], to: file)
        #expect(file.status.failure == nil)
        #expect(try bench.text() == EventFileBench.text([1, 2]))
    }

    // MARK: Sharing

    @Test func oneFileIsOneObjectWhateverItIsCalled() throws {
        try FileManager.default.createSymbolicLink(
            atPath: bench.folder.file("link"), withDestinationPath: bench.folder.path)
        let files = EventFiles { _ in }
        for name in ["events.jsonl", "new/folder/events.jsonl"] {
            let file = files.file(EventFileSettings(path: bench.folder.file(name)))
            for other in ["./" + name, "link/" + name, "/" + name, "none/../" + name, "new/../" + name] {
                #expect(files.file(EventFileSettings(path: bench.folder.file(other))) === file)
            }
            append([1], to: file)
            #expect(files.file(EventFileSettings(path: bench.folder.file("link/" + name))) === file)
            #expect(files.file(EventFileSettings(path: bench.folder.file("other"))) !== file)
        }
        #expect(files.file(EventFileSettings(path: "-")) === files.file(EventFileSettings(path: "-")))
    }

    @Test func aSharedFileClosesWithItsLastUser() throws {
        let files = EventFiles { _ in }
        let settings = EventFileSettings(path: bench.path)
        weak var shared: EventFile?
        do {
            let first = files.file(settings)
            shared = first
            append([1], to: first)
        }
        #expect(shared == nil)
        append([2], to: files.file(settings))
        #expect(try bench.text() == EventFileBench.text([1, 2]))
    }

    @Test func theNewestSettingsRotateASharedFile() throws {
        let files = EventFiles { _ in }
        var settings = EventFileSettings(path: bench.path)
        let file = files.file(settings)
        append([1, 2], to: file)
        settings.rotateBytes = 10
        #expect(files.file(settings) === file)
        append([3], to: file)
        #expect(try bench.text("events.jsonl.1") == EventFileBench.text([1, 2]))
    }

    @Test func allFollowAHangUp() throws {
        let files = EventFiles { _ in }
        let both = ["a", "b"].map { files.file(EventFileSettings(path: bench.folder.file($0))) }
        for file in both { append([1], to: file) }
        for name in ["a", "b"] { #expect(rename(bench.folder.file(name), bench.folder.file(name + ".old")) == 0) }
        files.reopen()
        for file in both { append([2], to: file) }
        for name in ["a", "b"] {
            #expect(try bench.text(name) == EventFileBench.text([2]))
            #expect(try bench.text(name + ".old") == EventFileBench.text([1]))
        }
    }
}
