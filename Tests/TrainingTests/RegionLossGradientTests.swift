import Darknet
import TestSupport
import Testing

@testable import Training

/// The gradient is that of the objective, by central differences in Double, and the objective is the reference's.
@Suite struct RegionLossGradientTests {
    private static let rows = 3
    private static let columns = 4
    private static let anchors: [Float] = [0.8, 1, 2, 0.9, 1.6, 1.7]

    /// Two in one cell and of one shape, which one predictor gets; one at the far corner; one of every class.
    private static let boxes: [TrainingBox] = [
        TrainingBox(classID: 0, x: 0.3, y: 0.4, width: 0.22, height: 0.35),
        TrainingBox(classID: 2, x: 0.31, y: 0.45, width: 0.21, height: 0.34),
        TrainingBox(classID: 1, x: 1, y: 1, width: 0.5, height: 0.3),
        TrainingBox(classID: 3, x: 0.7, y: 0.2, width: 0.4, height: 0.55),
        TrainingBox(classID: 3, x: 0.7, y: 0.8, width: 0.01, height: 0.02),
    ]

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var region: Region
        var tree: WordTree?
        var map: [Int]?
        var options = RegionLossOptions()
        var target = Target.boxes(RegionLossGradientTests.boxes)
        var seen = 100_000

        init(_ name: String, classes: Int = 4, _ change: (inout Case) -> Void = { _ in }) {
            testDescription = name
            region = Region.of(classes: classes, anchors: RegionLossGradientTests.anchors) {
                ($0.softmax, $0.rescore, $0.biasMatch, $0.thresh) = (true, true, true, 0.4)
                ($0.objectScale, $0.noObjectScale, $0.coordScale, $0.classScale) = (5, 0.7, 1.3, 1.1)
            }
            change(&self)
        }
    }

    static func cases() throws -> [Case] {
        let tree = try WordTree.c31()
        var cases = [
            Case("softmax"),
            Case("with the prior") { $0.seen = 12_799 },
            Case("no truths, with the prior") { ($0.target, $0.seen) = (.boxes([]), 0) },
            Case("prior switched off") { ($0.options.priorPictures, $0.seen) = (0, 0) },
            Case("objectness 1") { $0.region.rescore = false },
            Case("predicted sizes choose") { $0.region.biasMatch = false },
            Case("2016's coordinates") { $0.options.weighsSmallBoxes = false },
            Case("two truths at most") { $0.region.maxTruths = 2 },
            Case("logistic") { $0.region.softmax = false },
            Case("background") { ($0.region.background, $0.seen) = (true, 0) },
            Case("articles") { $0.options = .articles },
            Case("tree", classes: 9) { $0.tree = tree },
            Case("tree with a map", classes: 9) { ($0.tree, $0.map) = (tree, [8, 1, 7, 5]) },
        ]
        for classfix in [-1, 1, 2] {
            for softmax in [true, false] {
                cases.append(
                    Case("classfix \(classfix), softmax \(softmax)") {
                        ($0.region.classfix, $0.region.softmax, $0.region.thresh) = (classfix, softmax, 0.2)
                    })
            }
        }
        for rule in RegionLossOptions.LabelObjectness.allCases {
            for node in [8, 1] {
                cases.append(
                    Case("label \(node), \(rule)", classes: 9) {
                        ($0.tree, $0.target, $0.seen) = (tree, .label(node), 0)
                        $0.options.labelObjectness = rule
                    })
            }
        }
        return cases
    }

    @Test(arguments: try cases(), [1, 2, 3] as [UInt64]) func differences(test: Case, seed: UInt64) throws {
        var numbers = UniformNumbers(seed: seed)
        let (rows, columns) = (Self.rows, Self.columns)
        let raw = numbers.array(test.region.channels * rows * columns) { 3 * $0 - (seed == 3 ? 2.5 : 1.5) }
        let loss = try RegionLoss(region: test.region, tree: test.tree, map: test.map, options: test.options)
        let result = loss(raw, rows: rows, columns: columns, target: test.target, seen: test.seen)

        let reference = ReferenceRegionLoss(
            region: test.region, tree: test.tree, map: test.map, options: test.options, rows: rows, columns: columns)
        var values = raw.map(Double.init)
        let terms = reference.terms(values, target: test.target, seen: test.seen)
        let objective = terms.reduce(0) { $0 + $1(values) }
        #expect(isClose(result.statistics.objective, objective))
        #expect(result.gradient.contains { $0 != 0 })
        let step = 1e-5
        for index in values.indices {
            let present = values[index]
            values[index] = present + step
            let above = terms.reduce(0) { $0 + $1(values) }
            values[index] = present - step
            let below = terms.reduce(0) { $0 + $1(values) }
            values[index] = present
            let difference = (above - below) / (2 * step)
            #expect(isClose(Double(result.gradient[index]), difference), "value \(index)")
        }
    }
}
