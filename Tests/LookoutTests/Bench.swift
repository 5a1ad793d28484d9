import Foundation
import TestSupport

/// A folder with the tiny network and the options that name it.
final class Bench {
    let folder: TemporaryFolder
    /// One thread: the tests share few cores.
    let model: [String]

    init() throws {
        folder = try TemporaryFolder()
        let files = try TinyNetwork.write(to: folder)
        model = ["--cfg", files.cfg, "--weights", files.weights, "--threads", "1"]
    }

    func process(_ arguments: String..., stdin: FileHandle? = nil, shell: String? = nil) throws -> Tool.Outcome {
        try Tool(["process"] + model + arguments, shell: shell, stdin: stdin).wait()
    }

    func detect(_ arguments: String...) throws -> Tool.Outcome { try Tool(["detect"] + model + arguments).wait() }

    func file(_ name: String) -> String { folder.file(name) }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

    func text(_ name: String) throws -> String { try String(contentsOfFile: file(name), encoding: .utf8) }
}

enum Clips {
    static let shortFrames = 20
    static let longFrames = 3000

    /// White, 64x64, with sound.
    static func short(_ name: String = "short.mkv") throws -> String {
        try FFmpegTool.clip(
            name,
            [
                "-f", "lavfi", "-i", "color=white:s=64x64:r=10", "-f", "lavfi", "-i", "sine=r=44100", "-t", "2",
                "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac",
            ])
    }

    /// Its records are more than a pipe holds: whoever reads them decides how far it gets.
    static func long() throws -> String {
        try FFmpegTool.clip(
            "long.mkv",
            [
                "-f", "lavfi", "-i", "color=white:s=64x64:r=100", "-frames:v", "\(longFrames)", "-pix_fmt", "yuv420p",
                "-c:v", "libx264", "-preset", "ultrafast",
            ])
    }

    /// Coded anew, its pictures, too, are far more than a pipe holds: a megabyte or two.
    static func noisy() throws -> String {
        try FFmpegTool.clip(
            "noisy.mkv",
            [
                "-f", "lavfi", "-i", "color=gray:s=64x64:r=100,noise=alls=100:allf=t", "-frames:v", "1000", "-pix_fmt",
                "yuv420p", "-c:v", "libx264", "-preset", "ultrafast",
            ])
    }

    static func sound() throws -> String {
        try FFmpegTool.clip("sound.m4a", ["-f", "lavfi", "-i", "sine", "-t", "1", "-c:a", "aac"])
    }

    static func picture(_ name: String, color: String = "white", size: String = "64x48") throws -> String {
        let source = "color=\(color):s=\(size)"
        return try FFmpegTool.clip(name, ["-f", "lavfi", "-i", source, "-frames:v", "1", "-pix_fmt", "yuvj444p"])
    }

    static func frameCount(_ path: String) throws -> Int {
        try FFmpegTool.probe(path, "frame=pict_type", streams: "v").count { $0.first?.isEmpty == false }
    }
}
