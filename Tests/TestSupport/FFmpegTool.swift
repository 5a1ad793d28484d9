import Foundation
import Pipeline
public import Testing

/// The `ffmpeg` and `ffprobe` commands, which make the clips that tests read and say what is in those that they write.
///
/// Suites that need them carry `.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage)`.
public enum FFmpegTool {
    public static let available = find("ffmpeg") != nil && find("ffprobe") != nil
    public static let skipMessage: Comment = "the ffmpeg and ffprobe commands are not installed"

    /// What a command said when it failed.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// The path of a clip made by `ffmpeg ARGUMENTS name`: made at the first call of the process, removed at its end.
    /// Clips of one name and other arguments are others.
    public static func clip(_ name: String, _ arguments: [String]) throws -> String {
        try made.withLock { made in
            let recipe = [name] + arguments
            if let path = made[recipe] { return path }
            let subfolder = "\(folder)/\(made.count)"
            try FileManager.default.createDirectory(atPath: subfolder, withIntermediateDirectories: true)
            let path = subfolder + "/" + name
            try ffmpeg(arguments + [path])
            made[recipe] = path
            return path
        }
    }

    /// `ffmpeg` with these arguments; its stdout.
    @discardableResult
    public static func ffmpeg(_ arguments: [String]) throws -> Data {
        try run("ffmpeg", ["-nostdin", "-v", "error", "-y"] + arguments)
    }

    /// One line for each frame, packet or stream that `ffprobe` shows, its values separated by commas.
    ///
    /// - Parameters:
    ///   - entries: such as `frame=best_effort_timestamp`.
    ///   - streams: such as `v:0`.
    public static func probe(
        _ path: String, _ entries: String, streams: String, options: [String] = []
    ) throws -> [[String]] {
        let output = try run(
            "ffprobe",
            ["-v", "quiet", "-select_streams", streams, "-show_entries", entries, "-of", "csv=p=0"] + options + [path])
        // Side data leaves a comma at the end of a line; the streams of a program are shown twice.
        return String(decoding: output, as: UTF8.self).split(separator: "\n").map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
    }

    // MARK: Running

    private static let made = Locked<[[String]: String]>([:])

    private static let folder: String = {
        atexit { FFmpegTool.removeClips() }
        return NSTemporaryDirectory() + "lookout-clips-\(ProcessInfo.processInfo.processIdentifier)"
    }()

    private static func removeClips() {
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            print("clips were left behind: \(error)")
        }
    }

    private static func find(_ tool: String) -> String? {
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        return folders.map { "\($0)/\(tool)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    private static func run(_ tool: String, _ arguments: [String]) throws -> Data {
        guard let path = find(tool) else { throw Failure(description: "\(tool) is not installed") }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        // Errors are few enough for the pipe to hold them while the output is read.
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        let message = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(
                description: "\(tool) \(arguments.joined(separator: " ")): \(String(decoding: message, as: UTF8.self))")
        }
        return data
    }
}
