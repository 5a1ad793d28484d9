import Darknet
import Foundation
import TestSupport
import Testing

/// `lookout model pull`, `model list` and `--model`, as users call them, against a server on loopback.
@Suite("lookout model pull") struct ModelPullTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ arguments: String..., mirror: String = "", shell: String? = nil) throws -> Tool.Outcome {
        try Tool(
            arguments, shell: shell, environment: ["LOOKOUT_MODELS": folder.path, "LOOKOUT_MIRROR": mirror]
        ).wait()
    }

    /// Weights of the right size, all zero: they find nothing.
    private static func weights(_ name: String) throws -> [UInt8] {
        let config = try #require(NetworkConfig.builtIn(name))
        let numbers = [UInt8](repeating: 0, count: 4 * (try config.parameterCount().stored))
        // Version 0.1 has the short header.
        return [0, 0, 0, 0, 1, 0, 0, 0] + [UInt8](repeating: 0, count: 8) + numbers
    }

    private func models() throws -> [[String: Any]] {
        try #require(try run("model", "list", "--json").json()["models"] as? [[String: Any]])
    }

    @Test(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage)) func pullThenProcess() throws {
        let name = "yolov2-tiny-voc"
        let weights = try Self.weights(name)
        #expect(weights.count == 63_471_556)
        let clip = try Clips.short()
        let missing = try run("process", clip, "--model", name)
        #expect(missing.code == 69, "\(missing)")
        #expect(
            missing.stderr
                == "lookout: error: the model \(name) is not here yet; get it with: lookout model pull \(name)\n")
        let server = try FileServer { request, _ in .file(weights, to: request) }
        let pull = try run("model", "pull", name, mirror: server.url)
        #expect(pull.code == 0 && pull.stdout.isEmpty, "\(pull)")
        #expect(pull.stderr.contains("\(folder.file(name)).weights is here and whole\n"))
        #expect(pull.stderr.contains("\n  lookout process video.mp4 --model \(name)\n"))
        #expect(!pull.stderr.contains("\r"))
        let row = try #require(try models().first { $0["name"] as? String == name })
        #expect(row["installed"] as? Bool == true && row["bytes"] as? Int == weights.count && row["get"] == nil)
        let outcome = try run("process", clip, "--model", name, "--size", "96", "--json")
        #expect(outcome.code == 0 && outcome.stderr == "", "\(outcome)")
        #expect(try outcome.json()["analysed"] as? Int == Clips.shortFrames)
        // Nothing is fetched twice.
        let again = try run("model", "pull", name, "--json", mirror: server.url)
        #expect(again.code == 0, "\(again)")
        let pulled = try #require(try again.json()["models"] as? [[String: Any]])
        #expect(pulled.map { $0["name"] as? String } == [name])
        #expect(pulled.first?["files"] as? [String] == [folder.file(name + ".weights")])
        #expect(server.requests.count == 1)
    }

    /// A model has its own network, whatever lies in the working directory under its name. Before a built-in network a
    /// file of its name is taken, a folder is not.
    @Test func namesInTheWorkingDirectory() throws {
        let name = "yolov2-tiny"
        try folder.write(Self.weights(name), to: name + ".weights")
        let (file, directory) = (folder.file("a"), folder.file("b"))
        try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
        try folder.write(TinyNetwork.cfg.utf8, to: "a/" + name)
        try FileManager.default.createDirectory(atPath: directory + "/" + name, withIntermediateDirectories: true)
        func info(_ arguments: String..., folder current: String) throws -> Tool.Outcome {
            try Tool(["model", "info"] + arguments, folder: current, environment: ["LOOKOUT_MODELS": folder.path])
                .wait()
        }
        for place in [file, directory] {
            let model = try info("--model", name, folder: place)
            #expect(model.code == 0 && model.text.hasPrefix("\(name) at 416 x 416\n"), "\(model)")
        }
        let network = try info(name, folder: directory)
        #expect(network.code == 0 && network.text.hasPrefix("\(name) at 416 x 416\n"), "\(network)")
        let own = try info(name, folder: file)
        #expect(own.code == 0 && own.text.hasPrefix("\(name) at 32 x 32\n"), "\(own)")
    }

    @Test func list() throws {
        let outcome = try run("model", "list")
        #expect(outcome.code == 0)
        let rows = outcome.lines.map { $0.split(separator: " ", omittingEmptySubsequences: true) }
        #expect(rows[0] == ["NAME", "INPUT", "GFLOP", "CLASSES", "WEIGHTS"])
        #expect(outcome.text.contains("builtin:lookout-demo.weights ("))
        #expect(outcome.text.contains(#/yolov2-tiny +416x416 +5\.406 +80  lookout model pull yolov2-tiny\n/#))
        #expect(outcome.text.contains("none published; train it"))
        #expect(try models().map { $0["name"] as? String }.contains("darknet19_448"))
    }

    /// One that is wrong does not hide the others.
    @Test func listWithWrongOnes() throws {
        try FileManager.default.createDirectory(
            atPath: folder.file("yolov2.weights"), withIntermediateDirectories: false)
        let outcome = try run("model", "list")
        #expect(outcome.code == 0 && outcome.text.contains("  lookout model pull yolov2\n"), "\(outcome)")
    }

    @Test(.enabled(if: geteuid() != 0, "root may read every file")) func listWithFilesOfOthers() throws {
        let path = try folder.write([1], to: "yolov2.weights")
        chmod(path, 0)
        let outcome = try run("model", "list")
        #expect(outcome.code == 0 && outcome.text.contains("\(path) (not readable)\n"), "\(outcome)")
        let row = try models().first { $0["name"] as? String == "yolov2" }
        #expect(row?["installed"] as? Bool == false && row?["weights"] as? String == path)
    }

    @Test func aPasswordOverPlainHTTP() throws {
        let missing = try FileServer { _, _ in FileServer.Answer("404 Not Found") }
        let mirror = missing.url.replacing("http://", with: "http://u:geheim@")
        expect(
            try run("model", "pull", "yolov2-tiny", mirror: mirror), 69, "over plain http anybody on the way can read")
    }

    @Test func wrongOnes() throws {
        let missing = try FileServer { _, _ in FileServer.Answer("404 Not Found") }
        let page = try FileServer { _, _ in FileServer.Answer(headers: ["Content-Type": "text/html"], body: [60, 62]) }
        expect(try run("model", "pull", "yolov2-tny", mirror: missing.url), 64, "did you mean \"yolov2-tiny\"?")
        expect(try run("model", "pull", "yolov2", "../../x", mirror: missing.url), 64, "there is no model '../../x'")
        expect(try run("model", "pull", "lookout-demo"), 64, "is built in")
        expect(try run("model", "pull"), 64, "name a model")
        expect(try run("model", "pull", "yolov2", "--all"), 64, "--all takes no names")
        #expect(missing.requests.isEmpty)
        expect(try run("model", "pull", "yolov2-tiny", mirror: missing.url), 69, "the server answers 404 Not Found")
        expect(
            try run("model", "pull", "yolov2-tiny", mirror: page.url), 65,
            "a web page came instead of yolov2-tiny.weights")
        expect(try run("model", "pull", "yolov2-tiny", mirror: "ftp://u:geheim@h/"), 64, "the mirror is no address")
        expect(
            try run("model", "pull", "yolov2", mirror: page.url, shell: "LOOKOUT_MODELS=/dev/null/x \"$@\""), 73,
            "/dev/null")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }

    private func expect(_ outcome: Tool.Outcome, _ code: Int32, _ words: String) {
        #expect(outcome.code == code && outcome.stderr.contains(words), "\(outcome)")
        #expect(!outcome.stderr.contains("geheim") && outcome.stdout.isEmpty)
    }

    /// The optional model is given once, in one way.
    @Test func modelOrFiles() throws {
        for options in [["--weights", "x.weights"], ["--cfg", "yolov2"]] {
            let outcome = try Tool(["process", "a.mp4", "--model", "yolov2"] + options).wait()
            expect(outcome, 64, "--model and \(options[0]) both say what network to take")
        }
        expect(try run("eval", "a.data", "yolov2", "--model", "yolov2"), 64, "keep one of them")
        expect(try run("train", "a.data", "yolov2", "w", "--model", "yolov2"), 64, "keep one of them")
        expect(try run("model", "quantize", "a.jpg", "--model", "lookout-demo"), 64, "name a file with --output")
    }

    @Test(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage)) func theBuiltInModelByDefault() throws {
        let black = try Clips.picture("black.png", color: "black", size: "64x64")
        let outcome = try run("detect", black, black, "--json")
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.stderr.components(separatedBy: "lookout-street").count == 2)
        #expect(outcome.stderr.contains("from 317 photographs and misses most"))
        #expect(outcome.stderr.contains("lookout model pull yolov2-tiny, then --model yolov2-tiny\n"))
        let named = try run("detect", black, "--model", "lookout-demo", "--json")
        #expect(named.code == 0 && named.stderr == "", "\(named)")
    }

    @Test(arguments: [SIGINT, SIGTERM]) func aSignalKeepsWhatCame(signal: Int32) throws {
        let name = "yolov2-tiny"
        let weights = try Self.weights(name)
        let server = try FileServer { request, count in
            var answer = FileServer.Answer.file(weights, to: request, cut: count == 0 ? 20_000_000 : nil)
            answer.hangs = count == 0
            return answer
        }
        let tool = try Tool(
            ["model", "pull", name, "--quiet"],
            environment: ["LOOKOUT_MODELS": folder.path, "LOOKOUT_MIRROR": server.url])
        let partial = folder.file(name + ".weights.partial")
        try Tool.wait(for: "the first part") { size(of: partial) == 20_000_000 }
        tool.send(signal)
        let outcome = try tool.wait()
        #expect(outcome.code == 128 + signal, "\(outcome)")
        #expect(
            outcome.stderr.hasSuffix(
                "lookout: stopped; what has come is kept, and the same command goes on from there\n"))
        #expect(size(of: partial) == 20_000_000)
        #expect(try run("model", "pull", name, mirror: server.url).code == 0)
        #expect(server.requests[1].headers["range"] == "bytes=20000000-")
        #expect(size(of: folder.file(name + ".weights")) == weights.count)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [name + ".weights"])
    }

    private func size(of path: String) -> Int {
        var information = stat()
        return stat(path, &information) == 0 ? Int(information.st_size) : 0
    }
}
