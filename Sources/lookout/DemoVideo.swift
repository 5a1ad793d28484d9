import ArgumentParser
import Foundation
import Media
import Streams
import Street

/// `lookout demo video`: the street alone, as a recording.
struct DemoVideo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "video", abstract: "Make a video of the demo's street, and a file of what is in it.",
        discussion: """
            A line of --labels is one picture: its objects from far to near, their boxes in pixels of what can be seen \
            of them, how much that is, and whether a detector is to find them ("truth").

              lookout demo video street.mp4 --seed 7 --seconds 60 --labels street.jsonl
            """)

    @Argument(help: ArgumentHelp("The video to make: .mp4, .mkv, .mov, ...", valueName: "file"))
    var output: String

    @OptionGroup var scene: StreetSceneOptions

    @Option(help: ArgumentHelp("Writes what is in each picture as JSON lines.", valueName: "file"))
    var labels: String?

    @Flag(help: "No progress on stderr.")
    var quiet = false

    func validate() throws {
        if output == "-" || labels == "-" { throw ValidationError("a file is needed in place of -") }
    }

    func run() throws {
        let signals = SignalHandler()
        let video = try OutputFile(output)
        let labels = try labels.map { try OutputFile($0) }
        try checkOutputs([video] + [labels].compactMap(\.self), inputs: [])
        let reservations = try [video, labels].map { try $0?.reserve() }
        defer { withExtendedLifetime(reservations) {} }
        let stop = signals.stop
        do {
            let lines = try labels.map { try LabelLines($0) }
            try ProgressLine.following("rendering", of: scene.frames, quiet: quiet) { progress in
                try StreetRecording.write(
                    scene.street, frames: scene.frames, to: video.writingPath, container: video.path,
                    isStopped: { stop.isRequested }
                ) { index, objects in
                    try lines?.add(Self.line(index, objects))
                    progress(index + 1)
                }
            }
            if signals.signalNumber != 0 { throw Stopped(exitCode: 128 + signals.signalNumber) }
            try lines?.flush()
            try labels?.commit()
            try video.commit()
        } catch {
            for left in [video.leftover(), labels?.leftover()].compactMap(\.self) {
                Diagnostics.note("lookout: what there is until then is in \(left)")
            }
            throw error
        }
    }

    /// The file of `--labels`, line by line.
    private final class LabelLines {
        private let path: String
        private let file: UnsafeMutablePointer<FILE>

        init(_ output: OutputFile) throws {
            path = output.path
            guard let file = fopen(output.writingPath, "we") else {
                throw OutputError(path, "cannot be created: \(String(cString: strerror(errno)))", whileCreating: true)
            }
            self.file = file
        }

        func add(_ line: [UInt8]) throws {
            try check(fwrite(line, 1, line.count, file) == line.count)
        }

        /// Last: what is still in memory is written.
        func flush() throws { try check(fflush(file) == 0) }

        private func check(_ isDone: Bool) throws {
            guard !isDone else { return }
            throw OutputError(path, "cannot be written: \(String(cString: strerror(errno)))", whileCreating: false)
        }

        deinit { fclose(file) }
    }

    private static func line(_ frame: Int, _ objects: [StreetObject]) -> [UInt8] {
        var json = JSONLine()
        json.object { json in
            json.put("frame", frame)
            json.array("objects", objects) { json, object in
                json.object { json in
                    json.put("class", object.kind.name)
                    json.put("class_id", object.kind.rawValue)
                    json.object("box") { json in
                        json.put("x", object.x, decimals: 1)
                        json.put("y", object.y, decimals: 1)
                        json.put("w", object.width, decimals: 1)
                        json.put("h", object.height, decimals: 1)
                    }
                    json.put("visible", object.visible, decimals: 3)
                    json.put("truth", object.isTruth)
                }
            }
        }
        return json.terminated
    }
}
