import Darknet
import Detection
import Neural
import TestSupport
import Testing

@Suite struct ClassifierTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private let image = SmallNetwork.image(32, 32, sourceWidth: 40, sourceHeight: 30)

    @Test func likeliestFirst() throws {
        let classifier = try classifier([1, 3, 0, 3, 2])
        let answers = try classifier.classify(image, top: 4)
        // Equal ones come by their number.
        #expect(answers.map(\.classID) == [1, 3, 4, 0])
        for (answer, expected) in zip(answers, [0.3916958, 0.3916958, 0.1440968, 0.0530103] as [Float]) {
            #expect(abs(answer.probability - expected) < 1e-5)
        }
        #expect(abs(try classifier.classify(image, top: 5).reduce(0) { $0 + $1.probability } - 1) < 1e-5)
        #expect(try classifier.classify(image, top: 9).count == 5)
    }

    /// Of a tree, the leaves by their absolute probability; inner nodes count for nothing (spec 6).
    @Test func leavesOfATree() throws {
        try folder.write(TreeWalkTests.tree().text().utf8, to: "c31.tree")
        let classifier = try classifier(TreeWalkTests.logits, softmax: "tree=data/c31.tree")
        let answers = try classifier.classify(image, top: 3)
        #expect(answers.map(\.classID) == [8, 2, 4])
        for (answer, expected) in zip(answers, [0.714109, 0.101456, 0.101456] as [Float]) {
            #expect(abs(answer.probability - expected) < 1e-5)
        }
        let inner = try classifier.classify(image, top: 9).filter { [0, 1, 3].contains($0.classID) }
        #expect(inner.map(\.probability) == [0, 0, 0])
    }

    /// A network of Darknet-19's kinds of layers, with random weights: probabilities of its own softmax, sorted.
    @Test func convolutionsPoolingAndAverage() throws {
        let convolution = { (filters: Int, size: Int) in
            "[convolutional]\nbatch_normalize=1\nfilters=\(filters)\nsize=\(size)\npad=1\nactivation=leaky\n"
        }
        let pool = "[maxpool]\nsize=2\nstride=2\n"
        let cfg = [
            "[net]\nwidth=64\nheight=64\nchannels=3\n", convolution(8, 3), pool, convolution(16, 3), convolution(8, 1),
            pool, "[convolutional]\nfilters=7\nsize=1\nactivation=linear\n", "[avgpool]\n[softmax]\ngroups=1\n",
        ].joined()
        let config = try NetworkConfig(parsing: cfg, file: "mini19.cfg")
        try folder.write(cfg.utf8, to: "mini19.cfg")
        try WeightsFile.reproducible(config).write(to: folder.file("mini19.weights"), for: config)
        let network = try NetworkFiles(weights: folder.file("mini19.weights")).load()
        let classifier = try Classifier(network, width: 64, height: 64, threads: 1)
        let image = SmallNetwork.image(64, 64, sourceWidth: 40, sourceHeight: 30)
        let answers = try classifier.classify(image, top: 7)

        let session = try Session(model: network.model, width: 64, height: 64, threads: 1)
        try withExtendedLifetime(image) { try session.run([UnsafeRawPointer(try #require(image.values.baseAddress))]) }
        #expect(answers.map(\.probability) == session.output.sorted(by: >))
        #expect(answers.allSatisfy { session.output[$0.classID] == $0.probability })
        #expect(Set(answers.map(\.classID)).count == 7)
    }

    /// Darknet's ImageNet list has 21,842 names for its classifiers of 1000 classes.
    @Test func aClassifierTakesTheFirstNamesOfALongerList() throws {
        let cfg = SmallNetwork.cfg(filters: 2, head: "[avgpool]\n[softmax]\n")
        var files = try SmallNetwork.write("long", cfg: cfg, output: [0, 1], to: folder)
        files.names = try folder.write("night\nday\ndusk\n".utf8, to: "long.names")
        #expect(try files.load().names.names == ["night", "day"])
        files.names = try folder.write("night\n".utf8, to: "short.names")
        #expect(throws: DetectionError.self) { try files.load() }
    }

    @Test func aDetectorIsNoClassifier() throws {
        let network = try SmallNetwork.detector([0, 0, 0, 0, 1.5, 0, 1], in: folder)
        let error = #expect(throws: DetectionError.self) { try Classifier(network, width: 32, height: 32, threads: 1) }
        #expect(error?.description.hasPrefix("small is a detector") == true)
    }

    private func classifier(_ logits: [Float], softmax: String = "") throws -> Classifier {
        let cfg = SmallNetwork.cfg(filters: logits.count, head: "[avgpool]\n[softmax]\n\(softmax)")
        let files = try SmallNetwork.write("top", cfg: cfg, output: logits, to: folder)
        return try Classifier(files.load(), width: 32, height: 32, threads: 1)
    }
}
