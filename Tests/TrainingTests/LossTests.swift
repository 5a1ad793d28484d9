import Darknet
import Foundation
import TestSupport
import Testing

@testable import Training

@Suite struct LossTests {
    private static func config(_ end: String) throws -> NetworkConfig {
        try NetworkConfig(
            parsing: """
                [net]
                width=32
                height=32
                channels=3
                [convolutional]
                filters=9
                size=1
                activation=linear
                [avgpool]
                \(end)
                """, file: "test.cfg")
    }

    private static func run(
        _ loss: Loss, _ output: [Float], _ shape: TensorShape, _ targets: [Target], seen: Int
    ) -> (statistics: LossStatistics, gradient: [Float]) {
        var gradient = [Float](repeating: 99, count: output.count)
        let statistics = output.withUnsafeBufferPointer { output in
            gradient.withUnsafeMutableBufferPointer {
                loss(output: output, shape: shape, targets: targets, seen: seen, gradient: $0)
            }
        }
        return (statistics, gradient)
    }

    @Test func detectors() throws {
        guard case .region(let loss) = try Loss.loss(for: #require(.builtIn("yolov2-voc"))) else {
            Issue.record("no region")
            return
        }
        #expect(loss.region.classes == 20)
        let error = #expect(throws: LossError.self) { try Loss.loss(for: #require(.builtIn("yolo9000"))) }
        #expect(error?.description.contains("9k.tree") == true)
    }

    @Test func classifiers() throws {
        guard case .classifier(let loss) = try Loss.loss(for: #require(.builtIn("darknet19"))) else {
            Issue.record("no classifier")
            return
        }
        #expect(loss.classes == 1000)
        let error = #expect(throws: LossError.self) { try Loss.loss(for: #require(.builtIn("darknet9000"))) }
        #expect(error?.description.contains("9k.tree") == true)
    }

    /// A cost behind a softmax counts for nothing, whatever it is (spec 7.8); alone it is the loss.
    @Test(arguments: [
        ("[softmax]", -0.5), ("[softmax]\n[cost]\ntype=sse\nscale=7", -0.5), ("[softmax]\nnoloss=1\n[cost]", -0.5),
        ("[softmax]\n[cost]\ntype=masked", -0.5), ("[cost]\nscale=2", -2),
    ])
    func ends(cfg: String, expected: Double) throws {
        let loss = try Loss.loss(for: Self.config(cfg))
        // The label's softmax is a half: 8 others with a factor of 1/8 together.
        var output = [Float](repeating: 0, count: 9)
        if expected == -0.5 { output[4] = log(8) }
        let (_, gradient) = Self.run(loss, output, TensorShape(channels: 9, height: 1, width: 1), [.label(4)], seen: 0)
        #expect(isClose(gradient[4], expected))
    }

    @Test(arguments: [
        ("", "ends in [avgpool]"), ("[softmax]\nnoloss=1", "noloss=1"), ("[softmax]\ngroups=3", "groups=3"),
        ("[softmax]\ntemperature=2", "temperature=2"), ("[cost]\ntype=L1", "type=L1"),
        ("[softmax]\ntree=x.tree", "word tree x.tree"),
    ])
    func unsuitableEnds(cfg: String, words: String) throws {
        let config = try Self.config(cfg)
        let error = #expect(throws: LossError.self) { try Loss.loss(for: config) }
        #expect(error?.description.contains(words) == true)
    }

    @Test func treeClassifier() throws {
        let loss = try Loss.loss(for: Self.config("[softmax]\ntree=x.tree\n[cost]\ntype=masked"), tree: .c31())
        let shape = TensorShape(channels: 9, height: 1, width: 1)
        let (_, gradient) = Self.run(loss, WordTree.c31Logits, shape, [.label(3)], seen: 0)
        #expect(isClose(gradient[0], -0.047426) && gradient[8] == 0)
        #expect(throws: LossError.self) { try Loss.loss(for: Self.config("[softmax]"), map: [0]) }
    }

    /// Check C27: the mini-batch is counted before it is run.
    @Test(arguments: [(8, 1599), (64, 199)]) func priorTerm(miniBatch: Int, expected: Int) throws {
        let loss = Loss.region(try RegionLoss(region: .of(classes: 1, anchors: [1, 1])))
        let shape = TensorShape(channels: 6, height: 1, width: 1)
        let targets = [Target](repeating: .boxes([]), count: miniBatch)
        let output = [Float](repeating: 0.5, count: 6 * miniBatch)
        let active = (0..<1700).filter { number in
            Self.run(loss, output, shape, targets, seen: number * miniBatch).gradient[2] != 0
        }
        #expect(active == Array(0..<expected))
    }

    @Test func miniBatchesAreTheirPictures() throws {
        let region = try RegionLoss(region: .of(classes: 2, anchors: [1, 1, 2, 2]))
        let shape = TensorShape(channels: 14, height: 2, width: 3)
        var numbers = UniformNumbers()
        let output = numbers.array(3 * shape.count) { 2 * $0 - 1 }
        let targets: [Target] = [
            .boxes([TrainingBox(classID: 1, x: 0.2, y: 0.7, width: 0.5, height: 0.4)]), .boxes([]),
            .boxes([TrainingBox(classID: 0, x: 0.9, y: 0.1, width: 0.2, height: 0.9)]),
        ]
        let batch = Self.run(.region(region), output, shape, targets, seen: 0)
        var sum = LossStatistics()
        for number in 0..<3 {
            let range = number * shape.count..<(number + 1) * shape.count
            let picture = region(Array(output[range]), rows: 2, columns: 3, target: targets[number], seen: 3)
            #expect(Array(batch.gradient[range]) == picture.gradient)
            sum += picture.statistics
        }
        #expect(sum == batch.statistics)
        #expect(sum.pictures == 3 && sum.truths == 2 && sum.predictors == 36 && sum.labels == 2)
        #expect(sum.costPerPicture == sum.cost / 3)
        #expect(try JSONDecoder().decode(LossStatistics.self, from: JSONEncoder().encode(sum)) == sum)
    }
}
