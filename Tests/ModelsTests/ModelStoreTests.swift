import Darknet
import Detection
import Foundation
import TestSupport
import Testing

@testable import Models

@Suite struct ModelStoreTests {
    private let folder: TemporaryFolder
    private let store: ModelStore

    init() throws {
        folder = try TemporaryFolder()
        store = ModelStore(environment: ["LOOKOUT_MODELS": folder.path])
    }

    private static let system = [
        "/var/lib/lookout/models", "/usr/local/share/lookout/models", "/usr/share/lookout/models",
    ]

    @Test func folders() {
        func folders(_ environment: [String: String], isRoot: Bool) -> [String] {
            ModelStore(environment: environment, isRoot: isRoot).folders
        }
        let user = ["HOME": "/home/a", "XDG_DATA_HOME": "/data"]
        #expect(folders(user, isRoot: true) == Self.system)
        #expect(folders(user, isRoot: false) == ["/data/lookout/models"] + Self.system)
        #expect(folders(["HOME": "/home/a"], isRoot: false)[0] == "/home/a/.local/share/lookout/models")
        #expect(
            folders(["HOME": "/home/a", "XDG_DATA_HOME": "rel"], isRoot: false)[0]
                == "/home/a/.local/share/lookout/models")
        #expect(folders([:], isRoot: false) == Self.system)
        #expect(folders(user.merging(["LOOKOUT_MODELS": "/m"]) { $1 }, isRoot: true) == ["/m"] + Self.system)
        #expect(folders(["LOOKOUT_MODELS": Self.system[1]], isRoot: false).count == 3)
    }

    @Test func theDemoIsAlwaysThere() throws {
        let files = try ModelStore(environment: ["LOOKOUT_MODELS": "/nowhere"]).files(named: ModelStore.demo)
        let network = try files.load()
        #expect(network.names.names == ["person", "cyclist", "car", "van", "dog"])
        #expect(network.config.name == "lookout-demo" && network.decoder != nil)
        // Its files by name, and the network alone, are found as others are.
        #expect(try NetworkFiles(weights: "builtin:lookout-demo.weights").load().names == network.names)
        #expect(try NetworkFiles(cfg: "lookout-demo").loadConfig().layers == network.config.layers)
    }

    @Test func whatIsMissingIsSaid() throws {
        let error = #expect(throws: ModelError.self) { try store.files(named: "yolov2-tiny") }
        #expect(error?.kind == .notInstalled)
        #expect(
            error?.message == "the model yolov2-tiny is not here yet; get it with: lookout model pull yolov2-tiny")
        try folder.write([1], to: "darknet19.weights")
        let lacking = #expect(throws: ModelError.self) { try store.files(named: "darknet19") }
        #expect(
            lacking?.message.contains("lacks imagenet.shortnames.list; get it with: lookout model pull darknet19")
                == true)
    }

    @Test(arguments: [
        ("yolov2-tny", "did you mean \"yolov2-tiny\"?"), ("../../etc/passwd", "there is no model"),
        ("yolov2-paper", "there is no model"), ("", "there is no model"),
        (String(repeating: "x", count: 1000), "xxx...'"), ("a\u{1B}[2J", "'a\\u{1B}[2J'"),
    ]) func unknown(name: String, words: String) {
        let error = #expect(throws: ModelError.self) { try store.files(named: name) }
        #expect(error?.kind == .unknown && error?.message.contains(words) == true, "\(error as Any)")
    }

    @Test func installed() throws {
        try folder.write([1], to: "yolov2-voc.weights")
        let files = try store.files(named: "yolov2-voc")
        #expect(files == NetworkFiles(cfg: "builtin:yolov2-voc.cfg", weights: folder.file("yolov2-voc.weights")))
        #expect(try files.loadConfig() == NetworkConfig.builtIn("yolov2-voc"))
        #expect(throws: DarknetError.self) { try files.describe() }
        for name in ["yolo9000.weights", "9k.names", "9k.tree"] { try folder.write([1], to: name) }
        let tree = try store.files(named: "yolo9000")
        #expect(tree.names == folder.file("9k.names") && tree.tree == folder.file("9k.tree"))
    }

    @Test func foldersAreNoModels() throws {
        try FileManager.default.createDirectory(
            atPath: folder.file("yolov2.weights"), withIntermediateDirectories: false)
        let error = #expect(throws: ModelError.self) { try store.files(named: "yolov2") }
        #expect(error?.kind == .notInstalled)
    }

    @Test func builtInIsNotPulled() {
        let error = #expect(throws: ModelError.self) { try ModelStore.published("lookout-demo") }
        #expect(error?.message == "lookout-demo is built in; there is nothing to pull")
    }
}
