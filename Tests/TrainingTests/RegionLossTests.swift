import Darknet
import Foundation
import TestSupport
import Testing

@testable import Training

@Suite struct RegionLossTests {
    /// The data of check C21.
    private struct C21 {
        var region = Region.of(classes: 2, anchors: [1, 1, 1.6, 0.8]) {
            ($0.softmax, $0.rescore, $0.biasMatch, $0.thresh, $0.objectScale) = (true, true, true, 0.6, 5)
        }
        var options = RegionLossOptions()
        var target = Target.boxes([
            TrainingBox(classID: 1, x: 0.6, y: 0.3, width: 0.5, height: 0.4),
            TrainingBox(classID: 0, x: 0.2, y: 0.8, width: 0.9, height: 0.35),
        ])
        let raw = (0..<56).map { 0.1 * Float(((7 * $0) % 11) - 5) }

        struct Result {
            let raw: [Float]
            let statistics: LossStatistics
            let gradient: [Float]

            /// Darknet's sign, and without the slope of the logistic.
            func delta(_ anchor: Int, _ entry: Int, _ cell: Int) -> Float {
                let index = (anchor * 7 + entry) * 4 + cell
                let value = sigmoid(raw[index])
                return -gradient[index] / ([0, 1, 4].contains(entry) ? value * (1 - value) : 1)
            }
            /// What Darknet of 2016 printed: there the slope was in the deltas already.
            var cost2016: Double { gradient.reduce(0) { $0 + Double($1 * $1) } }
        }

        func run(seen: Int = 12_800) throws -> Result {
            let (statistics, gradient) = try RegionLoss(region: region, options: options)(
                raw, rows: 2, columns: 2, target: target, seen: seen)
            return Result(raw: raw, statistics: statistics, gradient: gradient)
        }
    }

    /// Check C21 of the spec.
    /// Then even predictors that overlap nothing lie above it.
    @Test func classfixWithANegativeThreshPassesOverWhatOverlapsNothing() throws {
        let region = Region.of(classes: 2, anchors: [1, 1]) { ($0.softmax, $0.classfix, $0.thresh) = (true, 1, -1) }
        let target = Target.boxes([TrainingBox(classID: 1, x: 0.1, y: 0.1, width: 0.01, height: 0.01)])
        let raw = [Float](repeating: 0, count: region.channels * 16)
        let loss = try RegionLoss(region: region)
        for target in [target, .boxes([])] {
            #expect(loss(raw, rows: 4, columns: 4, target: target, seen: 0).statistics.isFinite)
        }
        let broken = loss([Float](repeating: .nan, count: raw.count), rows: 4, columns: 4, target: target, seen: 0)
        #expect(!broken.statistics.isFinite)
    }

    @Test func deltasAndCost() throws {
        let result = try C21().run()
        let objectness = [
            -0.425557, -1.097137, -0.5, -0.401312, -0.377541, -0.549834, 0.174839, -0.622459,
        ]
        for (index, expected) in objectness.enumerated() {
            #expect(isClose(result.delta(index / 4, 4, index % 4), expected), "predictor \(index)")
        }
        // Anchor 0, row 0, column 1; then anchor 1, row 1, column 0.
        for (entry, expected) in [0: -0.629701, 1: 0.313997, 2: -0.54, 3: -0.041658, 5: -0.354344, 6: 0.354344] {
            #expect(isClose(result.delta(0, entry, 1), expected), "entry \(entry)")
        }
        for (entry, expected) in [0: -0.155861, 1: 0.076759, 4: -0.263599] {
            #expect(isClose(result.gradient[entry * 4 + 1], -expected), "entry \(entry)")
        }
        for (entry, expected) in [0: -0.002211, 1: 0.084530, 2: 0.703964, 3: -0.730500, 5: 0.377541, 6: -0.377541] {
            #expect(isClose(result.delta(1, entry, 2), expected), "entry \(entry)")
        }
        let statistics = result.statistics
        #expect(isClose(statistics.cost, 5.0197306, 2e-7))
        #expect(isClose(result.cost2016, 2.0442402, 2e-7))
        #expect(statistics.truths == 2 && statistics.labels == 2 && statistics.recalled == 0)
        #expect(isClose(statistics.iouSum, 0.3792603 + 0.4851338))
        // Of the printed deltas: 1 - .354344 and 1 - .377541; IoU - delta / 5.
        let probabilities: Double = 0.645656 + 0.622459
        #expect(isClose(statistics.classProbabilitySum, probabilities))
        let objectnesses: Double = statistics.iouSum + (1.097137 - 0.174839) / 5
        #expect(isClose(statistics.objectnessSum, objectnesses))
        #expect(statistics.predictors == 8 && statistics.pictures == 1)
    }

    /// Check C22.
    @Test func variations() throws {
        var prior = C21()
        var result = try prior.run(seen: 0)
        #expect(isClose(result.statistics.cost, 5.0198693, 2e-7))
        #expect(isClose(result.statistics.objective, 2.2806902, 2e-7))
        #expect(isClose(result.cost2016, 2.0443716, 2e-7))
        for (entry, expected) in [-0.001225, 0, 0.005, -0.001].enumerated() {
            let index = (entry * 4) + 3
            let value = sigmoid(prior.raw[index])
            let slope: Float = entry < 2 ? value * (1 - value) : 1
            #expect(isClose(-result.gradient[index] / slope, expected))
        }
        prior.options.priorPictures = 0
        #expect(try isClose(prior.run(seen: 0).statistics.cost, 5.0197306, 2e-7))

        var plain = C21()
        plain.options.weighsSmallBoxes = false
        result = try plain.run()
        #expect(isClose(result.statistics.cost, 3.8032910, 2e-7) && isClose(result.cost2016, 1.1535835, 2e-7))

        var certain = C21()
        certain.region.rescore = false
        #expect(try isClose(certain.run().statistics.cost, 15.3696788, 2e-7))

        var lenient = C21()
        lenient.region.thresh = 0.3
        result = try lenient.run()
        #expect(isClose(result.statistics.cost, 4.5748762, 2e-7))
        #expect(result.delta(1, 4, 0) == 0 && result.delta(1, 4, 1) == 0)

        var empty = C21()
        empty.target = .boxes([])
        result = try empty.run()
        #expect(isClose(result.statistics.cost, 1.9855371, 2e-7))
        #expect(result.statistics.averageIOU == nil && result.statistics.recall == nil)
    }

    /// Check C23: the third anchor, by the shape alone.
    @Test func oneAnchorForEachTruth() throws {
        let region = try #require(NetworkConfig.builtIn("yolov2-voc")?.region)
        let box = TrainingBox(classID: 7, x: 0.5, y: 0.5, width: 0.35, height: 0.6)
        let raw = [Float](repeating: 0, count: region.channels * 169)
        let (_, gradient) = try RegionLoss(region: region)(raw, rows: 13, columns: 13, target: .boxes([box]))
        let sizes = (0..<5).filter { anchor in
            (0..<169).contains { gradient[(anchor * 25 + 2) * 169 + $0] != 0 }
        }
        #expect(sizes == [2])
        #expect((0..<20).allSatisfy { gradient[(2 * 25 + 5 + $0) * 169 + 6 * 13 + 6] != 0 })
    }

    /// Check C24: the articles' sum, here of two cells with an anchor each.
    @Test func squaredErrors() throws {
        func logit(_ probability: Float) -> Float { log(probability / (1 - probability)) }
        let region = Region.of(classes: 2, anchors: [1, 1]) { ($0.softmax, $0.rescore, $0.thresh) = (true, true, 1) }
        let loss = try RegionLoss(region: region, options: .articles)
        let entries: [[Float]] = [
            [logit(0.5), logit(0.4)], [logit(0.5), logit(0.6)], [0.2, 0], [0.1, 0], [logit(0.8), logit(0.3)],
            [logit(0.7), logit(0.5)], [logit(0.2), logit(0.5)],
        ]
        let truth = TrainingBox(classID: 0, x: 0.6 / 2, y: 0.4, width: exp(0.3) / 2, height: exp(0.1))
        let statistics = loss(entries.flatMap(\.self), rows: 1, columns: 2, target: .boxes([truth])).statistics
        #expect(isClose(statistics.box, 0.15) && isClose(statistics.objectness, 0.04))
        #expect(isClose(statistics.noObjectness, 0.045) && isClose(statistics.classes, 0.13))
        #expect(isClose(statistics.objective, 0.365, 1e-6))
    }

    /// Check C33, at the predictor of a truth.
    @Test(arguments: [
        (7, [0.047426, -0.047426, -0.106507, 0.213014, -0.106507, 0, 0, 0.952574, -0.952574]),
        (3, [0.047426, -0.047426, -0.106507, 0.213014, -0.106507, 0, 0, 0, 0]),
    ])
    func classesOfATree(label: Int, deltas: [Double]) throws {
        let region = Region.of(classes: 9, anchors: [1, 1])
        let loss = try RegionLoss(region: region, tree: .c31())
        let box = TrainingBox(classID: label, x: 0.5, y: 0.5, width: 1, height: 1)
        let (statistics, gradient) = loss(
            [0, 0, 0, 0, 0] + WordTree.c31Logits, rows: 1, columns: 1, target: .boxes([box]))
        for (index, expected) in deltas.enumerated() { #expect(isClose(gradient[5 + index], -expected)) }
        #expect(isClose(statistics.classProbabilitySum, label == 7 ? 0.035553 : 0.749663))
        #expect(isClose(statistics.averageIOU ?? 0, 1) && statistics.recall == 1)
    }

    /// Check C34.
    @Test func picturesWithALabelAlone() throws {
        let region = Region.of(classes: 9, anchors: [1, 1]) { $0.objectScale = 5 }
        func run(
            _ label: Int, _ objectness: [Float] = [0, 1], _ rule: RegionLossOptions.LabelObjectness = .paper
        ) throws -> (LossStatistics, [Float]) {
            var options = RegionLossOptions()
            options.labelObjectness = rule
            let raw =
                Array(repeating: 0, count: 8) + objectness + WordTree.c31Logits.flatMap { [$0, 0] }
            return try RegionLoss(region: region, tree: .c31(), options: options)(
                raw, rows: 1, columns: 2, target: .label(label), seen: 0)
        }
        let half: Float = 0.25
        let high = sigmoid(1) * (1 - sigmoid(1))
        // i: .3570546 against .0609215.
        var (statistics, gradient) = try run(8)
        #expect(gradient[8] == 0 && isClose(-gradient[9] / high, -0.7310586))
        #expect(isClose(statistics.classProbabilitySum, 0.3570546 / 0.5) && statistics.truths == 0)
        #expect(stride(from: 11, to: 28, by: 2).allSatisfy { gradient[$0] == 0 } && gradient[10] != 0)
        #expect(gradient[..<8].allSatisfy { $0 == 0 }, "no boxes, not even to the prior")
        // h: .0177767 against .0609215.
        (statistics, gradient) = try run(7)
        #expect(isClose(-gradient[8] / half, -0.5) && gradient[9] == 0)
        #expect(isClose(statistics.classProbabilitySum, 0.0609215 / 0.7310586))
        #expect(stride(from: 10, to: 28, by: 2).allSatisfy { gradient[$0] == 0 } && gradient[11] != 0)
        // At -2 the objectness of the best is raised, or not.
        (_, gradient) = try run(8, [-2, -20])
        #expect(isClose(gradient[8], -0.0949127))
        let low = sigmoid(-2) * (1 - sigmoid(-2))
        #expect(isClose(-gradient[8] / low, 0.9039854))
        (_, gradient) = try run(8, [-2, -20], .head)
        #expect(gradient[8] == 0 && gradient[9] != 0 && gradient[10] != 0)
        (_, gradient) = try run(8, [-2, -20], .none)
        #expect(gradient[8] == 0 && gradient[9] == 0 && gradient[10] != 0)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity, 1e38, -1e38])
    func divergence(value: Float) throws {
        let boxes = Target.boxes([TrainingBox(classID: 2, x: 0.5, y: 0.5, width: 0.4, height: 0.3)])
        let flat = Region.of(classes: 9, anchors: [1, 1, 2, 3]) { $0.rescore = true }
        var variants: [(RegionLoss, Target)] = []
        for change in [
            { _ in }, { $0.softmax = true }, { $0.background = true }, { $0.biasMatch = true },
        ] as [(inout Region) -> Void] {
            var region = flat
            change(&region)
            variants.append((try RegionLoss(region: region), boxes))
        }
        variants.append((try RegionLoss(region: flat, tree: .c31()), boxes))
        variants.append((try RegionLoss(region: flat, tree: .c31()), .label(8)))
        variants.append((try RegionLoss(region: flat, options: .articles), boxes))
        for (loss, target) in variants {
            for seen in [0, 100_000] {
                let all = [Float](repeating: value, count: flat.channels * 9)
                let statistics = loss(all, rows: 3, columns: 3, target: target, seen: seen).statistics
                if value.isNaN { #expect(!statistics.isFinite) }
                for entry in 0..<flat.entries {
                    var one = [Float](repeating: 0.1, count: all.count)
                    for cell in 0..<9 { one[entry * 9 + cell] = value }
                    _ = loss(one, rows: 3, columns: 3, target: target, seen: seen)
                }
            }
        }
    }

    @Test func misfits() throws {
        let region = Region.of(classes: 9, anchors: [1, 1])
        func expect(
            _ words: String, _ change: (inout Region) -> Void = { _ in }, tree: WordTree? = nil, map: [Int]? = nil,
            options: RegionLossOptions = .init()
        ) {
            var region = region
            change(&region)
            let error = #expect(throws: LossError.self) {
                try RegionLoss(region: region, tree: tree, map: map, options: options)
            }
            #expect(error?.description.contains(words) == true)
        }
        let tree = try WordTree.c31()
        expect("needs its word tree data/x.tree", { $0.treeFile = "data/x.tree" })
        expect("9 nodes, the network 8", { $0.classes = 8 }, tree: tree)
        expect("exclude each other", { $0.background = true }, tree: tree)
        expect("without a tree", map: [0])
        expect("names node 9; the tree's nodes are 0...8", tree: tree, map: [0, 9])
        expect("know neither a tree", tree: tree, options: .articles)
        expect("two positive numbers", { $0.anchors = [1, 0] })
        expect("3 numbers in anchors", { $0.anchors = [1, 1, 1] })

        let flat = try RegionLoss(region: region)
        let hierarchy = try RegionLoss(region: region, tree: tree, map: [4, 5])
        let box = TrainingBox(classID: 2, x: 0, y: 1, width: 0.1, height: 2)
        try flat.check(.boxes([box]))
        try hierarchy.check(.label(8))
        for (loss, target, words) in [
            (flat, .label(0), "only a network with a word tree"), (hierarchy, .label(9), "nodes are 0...8"),
            (hierarchy, .boxes([box]), "the map's classes are 0...1"),
            (flat, .boxes([TrainingBox(classID: 9, x: 0, y: 0, width: 1, height: 1)]), "network's classes are 0...8"),
            (flat, .boxes([TrainingBox(classID: 0, x: .nan, y: 0, width: 1, height: 1)]), "centre within 0...1"),
            (flat, .boxes([TrainingBox(classID: 0, x: 0, y: 0, width: 1, height: 0)]), "positive size"),
        ] as [(RegionLoss, Target, String)] {
            let error = #expect(throws: LossError.self) { try loss.check(target) }
            #expect(error?.description.contains(words) == true)
        }
    }
}
