import Foundation
import TestSupport
import Testing

/// Each run is held in its middle by a reader that does not take its output, so the signal surely comes before the end.
@Suite("Signals", .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct SignalTests {
    private let bench: Bench

    init() throws { bench = try Bench() }

    private func start(_ options: [String]) throws -> (tool: Tool, lines: LineReader) {
        let pipe = Pipe()
        let tool = try Tool(["process"] + bench.model + [Clips.long()] + options, stdout: pipe.fileHandleForWriting)
        pipe.fileHandleForWriting.closeFile()
        return (tool, LineReader(pipe.fileHandleForReading))
    }

    @Test(arguments: [SIGINT, SIGTERM]) func aSignalEndsEverythingWhole(_ signal: Int32) throws {
        let (tool, lines) = try start(["--events", "-", "--video", bench.file("v.mp4")])
        for _ in 0..<10 { #expect(lines.next() != nil) }
        tool.send(signal)
        var (last, count) = ("", 10)
        while let line = lines.next() { (last, count) = (line, count + 1) }
        let outcome = try tool.wait()
        #expect(outcome.code == 128 + signal, "\(outcome)")
        #expect(lines.torn.isEmpty)
        #expect(last.contains(#""type":"stream_end""#) && last.contains(#""reason":"interrupted""#))
        #expect(outcome.stderr.contains("lookout: stopping"))
        #expect(outcome.stderr.contains("the video until then is \(bench.file("v.partial.mp4"))"))
        #expect(!bench.exists("v.mp4"))
        #expect(count - 2 < Clips.longFrames)
        #expect(try Clips.frameCount(bench.file("v.partial.mp4")) == count - 2)
    }

    /// Held by its video, which is more than a pipe holds.
    @Test func theLogFileIsPartialAndEndsOnAWholeLine() throws {
        let terminal = try Terminal()
        let pipe = Pipe()
        let tool = try Tool(
            ["process"] + bench.model + [Clips.noisy(), "--events", bench.file("e.jsonl"), "--video", "-"],
            stdout: pipe.fileHandleForWriting, stderr: terminal.slave)
        pipe.fileHandleForWriting.closeFile()
        terminal.closeSlave()
        let first = pipe.fileHandleForReading.availableData
        #expect(!first.isEmpty)
        tool.send(SIGINT)
        let video = first + (try pipe.fileHandleForReading.readToEnd() ?? Data())
        #expect(try tool.wait().code == 130)
        #expect(!bench.exists("e.jsonl"))
        let log = try bench.text("e.partial.jsonl")
        #expect(log.hasSuffix("}\n"))
        #expect(log.split(separator: "\n").last?.contains(#""reason":"interrupted""#) == true)
        let copy = try bench.folder.write(video, to: "copy.mkv")
        #expect(try Clips.frameCount(copy) == log.split(separator: "\n").count - 2)
    }

    /// The source stays open and silent: only the signal can end this. What is written fits into the pipe and is seconds
    /// of video, more than libav wants to see before it starts.
    @Test func aReadThatBlocksIsEnded() throws {
        let (input, output) = (Pipe(), Pipe())
        let clip = try Data(contentsOf: URL(fileURLWithPath: Clips.long())).prefix(60_000)
        let tool = try Tool(
            ["process"] + bench.model + ["-"], stdin: input.fileHandleForReading, stdout: output.fileHandleForWriting)
        for handle in [input.fileHandleForReading, output.fileHandleForWriting] { handle.closeFile() }
        input.fileHandleForWriting.write(clip)
        let lines = LineReader(output.fileHandleForReading)
        for _ in 0..<10 { #expect(lines.next() != nil) }
        tool.send(SIGTERM)
        var last = ""
        while let line = lines.next() { last = line }
        #expect(try tool.wait().code == 143)
        #expect(last.contains(#""reason":"interrupted""#))
        input.fileHandleForWriting.closeFile()
    }

    /// A picture that never comes to its end: only the signal can end this. (Opened for both, it waits for no other end.)
    @Test func detectIsEndedWhileItReads() throws {
        let path = bench.file("pictures")
        #expect(mkfifo(path, 0o600) == 0)
        let pipe = try #require(FileHandle(forUpdatingAtPath: path))
        let black = try Clips.picture("black.png", color: "black", size: "64x64")
        let output = Pipe()
        let tool = try Tool(["detect"] + bench.model + [black, path, black], stdout: output.fileHandleForWriting)
        output.fileHandleForWriting.closeFile()
        let lines = LineReader(output.fileHandleForReading)
        #expect(lines.next()?.contains("nothing found") == true)
        // More than a pipe holds: once it is written, the tool reads.
        pipe.write(Data("YUV4MPEG2 W1024 H1024 F10:1 Ip A1:1 C420\nFRAME\n".utf8) + Data(count: 200_000))
        tool.send(SIGTERM)
        let outcome = try tool.wait()
        #expect(lines.next() == nil)
        #expect(outcome.code == 143, "\(outcome)")
        #expect(!outcome.stderr.contains("error"))
        pipe.closeFile()
    }

    /// Nobody reads on, so the clean end that the first signal asks for cannot come.
    @Test func aSecondSignalEndsAtOnce() throws {
        let (output, messages) = (Pipe(), Pipe())
        let tool = try Tool(
            ["process"] + bench.model + [Clips.long()], stdout: output.fileHandleForWriting,
            stderr: messages.fileHandleForWriting)
        for pipe in [output, messages] { pipe.fileHandleForWriting.closeFile() }
        #expect(LineReader(output.fileHandleForReading).next() != nil)
        tool.send(SIGINT)
        #expect(LineReader(messages.fileHandleForReading).next()?.contains("once more to stop at once") == true)
        tool.send(SIGTERM)
        #expect(try tool.wait().code == 143)
    }

    @Test func aReaderThatLeavesIsAnErrorNotADeath() throws {
        let pipe = Pipe()
        let tool = try Tool(["process"] + bench.model + [Clips.long()], stdout: pipe.fileHandleForWriting)
        pipe.fileHandleForWriting.closeFile()
        #expect(LineReader(pipe.fileHandleForReading).next() != nil)
        pipe.fileHandleForReading.closeFile()
        let outcome = try tool.wait()
        #expect(outcome.code == 74, "\(outcome)")
        #expect(outcome.stderr.contains("standard output: cannot be written: Broken pipe"))
    }
}
