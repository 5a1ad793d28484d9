import Darknet
import Detection
import Foundation
import Streams
import TestSupport
import Testing

@testable import Settings

/// `model = "NAME"`, in place of the network's files.
@Suite struct ModelKeyTests {
    private let desk: Desk

    init() throws { desk = try Desk() }

    private var environment: [String: String] { ["LOOKOUT_MODELS": desk.folder.path] }

    private func problems(_ text: String) -> [String] { desk.problems(text, environment: environment) }

    private func network(_ text: String) throws -> NetworkFiles? {
        try desk.read(text, environment: environment).streams.first?.analysis.network
    }

    private let stream = "[stream.a]\nurl = \"clip.mp4\"\n"

    /// A file of the network's size, which takes no room on the disk.
    private func install(_ name: String) throws {
        let config = try #require(NetworkConfig.builtIn(name))
        let path = try desk.folder.write([0, 0, 0, 0, 2] + [UInt8](repeating: 0, count: 15), to: name + ".weights")
        truncate(path, off_t(20 + 4 * (try config.parameterCount().stored)))
    }

    @Test func installed() throws {
        try install("yolov2-tiny")
        let files = NetworkFiles(cfg: "builtin:yolov2-tiny.cfg", weights: desk.folder.file("yolov2-tiny.weights"))
        #expect(try network(stream + "model = \"yolov2-tiny\"") == files)
        #expect(try network("[defaults]\nmodel = \"yolov2-tiny\"\n" + stream) == files)
        #expect(problems(stream + "model = \"yolov2-tiny\"\nclasses = [\"person\"]") == [])
    }

    @Test func builtIn() throws {
        let files = try network(stream + "model = \"lookout-demo\"\nclasses = [\"cyclist\"]")
        #expect(files?.weights == "builtin:lookout-demo.weights")
        #expect(try files?.load().names.names.count == 5)
        let byFile = try network(stream + "weights = \"builtin:lookout-demo.weights\"")
        #expect(byFile?.weights == "builtin:lookout-demo.weights")
        #expect(
            problems(stream + "weights = \"builtin:x\"").first?.hasPrefix(
                "streams.conf:3:1: weights: builtin:x: no such built-in file; there are lookout-demo.cfg") == true)
    }

    @Test func notInstalled() {
        #expect(
            problems(stream + "model = \"yolov2-tiny\"") == [
                "streams.conf:3:1: model: the model yolov2-tiny is not here yet; get it with: lookout model pull yolov2-tiny "
                    + "(for a service of the system: sudo lookout model pull yolov2-tiny)"
            ])
        let unknown = problems(stream + "model = \"yolov2-tny\"")
        #expect(unknown.count == 1 && unknown[0].hasPrefix("streams.conf:3:1: model: there is no model 'yolov2-tny'"))
        #expect(unknown.first?.hasSuffix("; did you mean \"yolov2-tiny\"?") == true)
        #expect(problems(stream + "model = 7").first?.hasPrefix("streams.conf:3:1: model is a whole number") == true)
        #expect(problems(stream + "model = \"../x\"").count == 1)
    }

    @Test func damaged() throws {
        try desk.write("short", to: "yolov2-tiny.weights")
        let found = problems(stream + "model = \"yolov2-tiny\"")
        #expect(
            found.count == 1 && found[0].hasPrefix("streams.conf:3:1: model: FOLDER/yolov2-tiny.weights: "), "\(found)")
    }

    @Test(arguments: ["demo:street", "DEMO:street?seed=2"]) func aMadeStreetHasOneOfItsOwn(url: String) throws {
        let text = "[stream.a]\nurl = \"\(url)\"\n"
        #expect(try network(text)?.weights == "builtin:lookout-demo.weights")
        #expect(try network(text + "weights = \"tiny.weights\"")?.weights == desk.folder.file("tiny.weights"))
    }

    @Test func notWithFiles() {
        let found = problems(stream + "model = \"lookout-demo\"\nweights = \"tiny.weights\"\ncfg = \"tiny.cfg\"")
        #expect(
            found == [
                "streams.conf:3:1: model and cfg both say what network to take; keep one of them",
                "streams.conf:3:1: model and weights both say what network to take; keep one of them",
            ])
    }

    /// A stream's own way to name its network holds, whatever way the defaults take.
    @Test func overTheDefaults() throws {
        let files = "[defaults]\nweights = \"tiny.weights\"\nnames = \"tiny.names\"\n"
        #expect(try network(files + stream + "model = \"lookout-demo\"")?.names == "builtin:lookout-demo.names")
        let model = "[defaults]\nmodel = \"lookout-demo\"\n"
        #expect(
            try network(model + stream + "weights = \"tiny.weights\"")
                == NetworkFiles(weights: desk.folder.file("tiny.weights")))
    }

    @Test func namesOverTheModels() throws {
        try desk.write("a\nb\nc\nd\ne\n", to: "five.names")
        let files = try network(stream + "model = \"lookout-demo\"\nnames = \"five.names\"")
        #expect(files?.names == desk.folder.file("five.names"))
    }
}
