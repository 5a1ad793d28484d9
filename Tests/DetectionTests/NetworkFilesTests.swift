import Darknet
import Detection
import Foundation
import TestSupport
import Testing

@Suite struct NetworkFilesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    // MARK: The cfg

    @Test func cfgBesideTheWeights() throws {
        let files = try small()
        #expect(try files.loadConfig().name == "small")
        let network = try files.load()
        #expect(network.config.region?.classes == 2)
        #expect(network.names.names == ["class 0", "class 1"])
        #expect(network.decoder != nil && network.tree == nil)
    }

    /// The name of a built-in network is enough, as `--cfg` or as the weights' own.
    @Test(arguments: NetworkConfig.builtInNames)
    func builtInNetworks(name: String) throws {
        #expect(try NetworkFiles(cfg: name).loadConfig() == NetworkConfig.builtIn(name))
        #expect(try NetworkFiles(cfg: "builtin:\(name).cfg").loadConfig() == NetworkConfig.builtIn(name))
        #expect(try NetworkFiles(weights: "/nowhere/\(name).weights").loadConfig() == NetworkConfig.builtIn(name))
    }

    /// A file of a built-in network's name goes first.
    @Test func aFileBeforeABuiltIn() throws {
        _ = try small("yolov2-voc")
        #expect(try NetworkFiles(weights: folder.file("yolov2-voc.weights")).loadConfig().net.width == 32)
        #expect(try NetworkFiles(cfg: folder.file("yolov2-voc.cfg")).loadConfig().net.width == 32)
    }

    @Test func noCfg() throws {
        try expect(NetworkFiles(weights: folder.file("mine.weights")), says: ["mine.cfg", "--cfg"])
        let unknown = #expect(throws: DarknetError.self) { try NetworkFiles(cfg: "yolo9").loadConfig() }
        #expect(unknown?.kind == .cannotRead && unknown?.description.contains("yolov2-tiny-voc") == true)
        let slip = #expect(throws: DarknetError.self) { try NetworkFiles(cfg: "lookout-dem").loadConfig() }
        #expect(slip?.message.hasSuffix(", lookout-demo, lookout-street; did you mean \"lookout-demo\"?") == true)
        try expect(NetworkFiles(), says: ["--cfg", "--weights"])
        let error = #expect(throws: DarknetError.self) { try NetworkFiles(cfg: folder.file("no.cfg")).loadConfig() }
        #expect(error?.description.contains("no.cfg") == true)
    }

    /// Pictures have three channels; a network of one or four would look at whatever lies there.
    @Test(arguments: [1, 4]) func otherChannels(channels: Int) throws {
        let files = try small()
        let cfg = try String(contentsOfFile: folder.file("small.cfg"), encoding: .utf8)
        try folder.write(
            cfg.replacingOccurrences(of: "channels=3", with: "channels=\(channels)").utf8, to: "small.cfg")
        try expect(files, says: ["small.cfg", "\(channels) channels"])
    }

    // MARK: Weights

    /// Everything that `load` finds but what the numbers themselves are.
    @Test func described() throws {
        let files = try small()
        let network = try files.describe()
        #expect(network.names.names == ["class 0", "class 1"] && network.decoder != nil && network.tree == nil)
        let handle = try #require(FileHandle(forWritingAtPath: folder.file("small.weights")))
        try handle.seekToEnd()
        try handle.write(contentsOf: [0])
        let error = #expect(throws: DarknetError.self) { try files.describe() }
        #expect(error?.kind == .mismatch)
        #expect(throws: DarknetError.self) { try files.load() }
    }

    @Test func noWeights() throws {
        try expect(NetworkFiles(cfg: "yolov2-voc"), says: ["yolov2-voc", "--weights"])
        let files = NetworkFiles(cfg: "yolov2-voc", weights: folder.file("gone.weights"))
        let error = #expect(throws: DarknetError.self) { try files.load() }
        #expect(error?.description.contains("gone.weights") == true)
    }

    @Test func weightsOfAnotherNetwork() throws {
        var files = try small()
        files.cfg = "yolov2-tiny"
        let error = #expect(throws: DarknetError.self) { try files.load() }
        #expect(error?.kind == .mismatch && error?.file.contains("small.weights") == true)
    }

    @Test func aNetworkWithoutAHead() throws {
        let files = try SmallNetwork.write(
            "bare", cfg: SmallNetwork.cfg(filters: 2, head: "[avgpool]"), output: [0, 1], to: folder)
        try expect(files, says: ["bare.cfg", "[region]", "[softmax]"])
    }

    /// What training calls its weights: NAME_best, NAME_final, NAME_100, beside NAME.cfg.
    @Test(arguments: ["best", "final", "100", "worse"])
    func cfgOfTrainedWeights(ending: String) throws {
        let files = try small()
        let weights = try Data(contentsOf: URL(fileURLWithPath: #require(files.weights)))
        let trained = NetworkFiles(weights: try folder.write(weights, to: "small_\(ending).weights"))
        if ending == "worse" {
            #expect(throws: DetectionError.self) { try trained.loadConfig() }
        } else {
            #expect(try trained.loadConfig().name == "small")
        }
    }

    /// As training on the demo's network leaves them.
    @Test func builtInCfgOfTrainedWeights() throws {
        let files = NetworkFiles(weights: "/nowhere/lookout-demo_best.weights")
        #expect(try files.loadConfig() == NetworkFiles(cfg: "lookout-demo").loadConfig())
    }

    // MARK: Names

    @Test func namesByCount() throws {
        for (count, names) in [20: ClassNames.voc, 80: ClassNames.coco] {
            let files = try small(output: Array(repeating: 0, count: 5 + count))
            #expect(try files.load().names == names)
        }
        var files = try small()
        files.names = try folder.write("cat\ndog\n".utf8, to: "two.names")
        #expect(try files.load().names.names == ["cat", "dog"])
        files.names = try folder.write("cat\ndog\ncow\n".utf8, to: "three.names")
        try expect(files, says: ["three.names", "3 names", "small has 2 classes"])
    }

    // MARK: Trees and maps

    /// Where the cfg's tree is looked for: beside the cfg, below it, and beside and below the folder above it.
    @Test(arguments: ["c31.tree", "cfg/c31.tree", "cfg/data/c31.tree", "data/c31.tree"])
    func treeIsFound(place: String) throws {
        for name in ["cfg/data", "data"] {
            try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
        }
        try folder.write(TreeWalkTests.tree().text().utf8, to: place)
        #expect(try treeNetwork("cfg/nine").load().tree == TreeWalkTests.tree())
    }

    @Test func treeIsMissing() throws {
        var files = try treeNetwork("nine")
        try expect(files, says: ["nine", "data/c31.tree", "--tree"])
        files.tree = try folder.write("a -1\n".utf8, to: "one.tree")
        try expect(files, says: ["the tree has 1 nodes", "9 classes"])
        files.tree = try folder.write(TreeWalkTests.tree().text().utf8, to: "other.tree")
        #expect(try files.load().tree?.count == 9)
    }

    /// A network as YOLO9000's from files to detections: walked, and scored by a map.
    @Test func yolo9000EndToEnd() throws {
        var files = try treeNetwork("nine")
        files.tree = try folder.write(TreeWalkTests.tree().text().utf8, to: "c31.tree")
        let objectness: Float = 0.8175745
        for (threshold, node) in [0.8: 0, 0.72: 3, 0.6: 8] as [Float: Int] {
            files.hierarchyThreshold = threshold
            let found = try detections(files)
            #expect(found.map(\.classID) == [node])
            #expect(abs(found[0].confidence - objectness) < 1e-5)
        }
        files.map = try folder.write("3\n8\n7\n".utf8, to: "three.map")
        files.names = try folder.write("d\ni\nh\n".utf8, to: "three.names")
        let mapped = try detections(files)
        #expect(mapped.map(\.classID) == [0, 1])
        #expect(abs(mapped[0].confidence - objectness * 0.749663) < 1e-5)
        #expect(abs(mapped[1].confidence - objectness * 0.714109) < 1e-5)
        #expect(try files.load().names.names == ["d", "i", "h"])
    }

    /// The real tree of 9418 nodes behind three anchors, with random weights.
    @Test(.enabled(if: TestData.available, TestData.skipMessage))
    func nineThousandClasses() throws {
        let head = "[region]\nanchors=0.77,0.88, 1.9,2.1, 3.3,5.5\nnum=3\nclasses=9418\nsoftmax=1\ntree=data/9k.tree"
        let cfg = SmallNetwork.cfg(filters: 28_269, head: head, width: 64, height: 64)
        let config = try NetworkConfig(parsing: cfg, file: "small9000.cfg")
        try folder.write(cfg.utf8, to: "small9000.cfg")
        try WeightsFile.reproducible(config).write(to: folder.file("small9000.weights"), for: config)
        var files = NetworkFiles(
            weights: folder.file("small9000.weights"), names: TestData.path("darknet/9k.names"),
            tree: TestData.path("darknet/9k.tree"))
        let image = SmallNetwork.image(64, 64, sourceWidth: 64, sourceHeight: 64)
        let found = { (files: NetworkFiles) in
            let options = DetectionOptions(threshold: 0.001, nmsThreshold: 1)
            return try Detector(files.load(), width: 64, height: 64, threads: 1, options: options).detect(image)
        }
        // Each of the 12 predictors has one node, none of them sure of anything below the root's children.
        let tree = try WordTree(contentsOf: TestData.path("darknet/9k.tree"))
        let walked = try found(files)
        #expect(walked.count == 12)
        #expect(walked.allSatisfy { tree.parents[$0.classID] < 0 && $0.confidence == $0.objectness })

        files.map = TestData.path("darknet/coco9k.map")
        files.names = TestData.path("models/coco.names")
        let mapped = try found(files)
        #expect(!mapped.isEmpty)
        #expect(mapped.allSatisfy { (0..<80).contains($0.classID) && $0.confidence <= $0.objectness })
    }

    // MARK: Helpers

    private func small(_ name: String = "small", output: [Float] = [0, 0, 0, 0, 1.5, 0, 1]) throws -> NetworkFiles {
        let head = "[region]\nanchors=0.5,0.5\nnum=1\nclasses=\(output.count - 5)\nsoftmax=1"
        let cfg = SmallNetwork.cfg(filters: output.count, head: head)
        return try SmallNetwork.write(name, cfg: cfg, output: output, to: folder)
    }

    /// Check C31's logits behind one anchor; the cfg names data/c31.tree.
    private func treeNetwork(_ name: String) throws -> NetworkFiles {
        let head = "[region]\nanchors=0.5,0.5\nnum=1\nclasses=9\nsoftmax=1\ntree=data/c31.tree"
        let output = [0, 0, 0, 0, 1.5] + TreeWalkTests.logits
        return try SmallNetwork.write(
            name, cfg: SmallNetwork.cfg(filters: 14, head: head), output: output, to: folder)
    }

    private func detections(_ files: NetworkFiles) throws -> [Detection] {
        try Detector(files.load(), width: 32, height: 32, threads: 1)
            .detect(SmallNetwork.image(32, 32, sourceWidth: 32, sourceHeight: 32))
    }

    /// Loading throws an error that names all of these.
    private func expect(
        _ files: NetworkFiles, says words: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let error = try #require(
            #expect(throws: DetectionError.self, sourceLocation: sourceLocation) { try files.load() },
            sourceLocation: sourceLocation)
        for word in words {
            #expect(error.description.contains(word), "\(error)", sourceLocation: sourceLocation)
        }
    }
}
