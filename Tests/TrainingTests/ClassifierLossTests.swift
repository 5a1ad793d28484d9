import Darknet
import Foundation
import TestSupport
import Testing

@testable import Training

@Suite struct ClassifierLossTests {
    @Test func crossEntropy() throws {
        let loss = try ClassifierLoss(classes: 3)
        let (statistics, gradient) = loss([1, 2, 0.5], label: 0)
        let sum = exp(1.0) + exp(2.0) + exp(0.5)
        let expected = [exp(1.0) / sum - 1, exp(2.0) / sum, exp(0.5) / sum]
        for index in 0..<3 { #expect(isClose(gradient[index], expected[index])) }
        #expect(isClose(statistics.objective, log(sum) - 1) && statistics.cost == statistics.objective)
        #expect(isClose(statistics.averageClassProbability ?? 0, exp(1.0) / sum))
        #expect(statistics.pictures == 1 && statistics.top1 == 0 && statistics.top5 == 1)
    }

    /// Check C33: groups without the label are left out.
    @Test func tree() throws {
        let loss = try ClassifierLoss(classes: 9, tree: .c31())
        let (statistics, gradient) = loss(WordTree.c31Logits, label: 7)
        let deltas = [0.047426, -0.047426, -0.106507, 0.213014, -0.106507, 0, 0, 0.952574, -0.952574]
        for (index, expected) in deltas.enumerated() { #expect(isClose(gradient[index], -expected)) }
        #expect(isClose(statistics.objective, -log(0.035553), 2e-5))
    }

    @Test(arguments: [true, false]) func differences(hasTree: Bool) throws {
        var numbers = UniformNumbers()
        let tree = try hasTree ? WordTree.c31() : nil
        let loss = try ClassifierLoss(classes: 9, tree: tree)
        let raw = numbers.array(9) { 4 * $0 - 2 }
        for label in 0..<9 {
            let (statistics, gradient) = loss(raw, label: label)
            var values = raw.map(Double.init)
            let objective = { (values: [Double]) in
                var (sum, node) = (0.0, label)
                repeat {
                    let others = tree.map { tree in (0..<9).filter { tree.parents[$0] == tree.parents[node] } }
                    sum += log((others ?? Array(0..<9)).reduce(0) { $0 + exp(values[$1]) }) - values[node]
                    node = tree?.parents[node] ?? -1
                } while node >= 0
                return sum
            }
            #expect(isClose(statistics.objective, objective(values)))
            for index in 0..<9 {
                let present = values[index]
                values[index] = present + 1e-5
                let above = objective(values)
                values[index] = present - 1e-5
                let below = objective(values)
                values[index] = present
                #expect(isClose(Double(gradient[index]), (above - below) / 2e-5))
            }
        }
    }

    @Test func squaredError() {
        let (statistics, gradient) = ClassifierLoss(squaredErrorOf: 2, scale: 3)([0.5, 0.25], label: 1)
        #expect(gradient == [1.5, -2.25])
        #expect(isClose(statistics.objective, 1.21875) && isClose(statistics.cost, 0.8125))
    }

    /// The first of equals ranks first, as a sort that is stable has it.
    @Test func ranks() throws {
        let loss = try ClassifierLoss(classes: 7)
        let raw: [Float] = [5, 4, 3, 3, 2, 1, 5]
        let hits = (0..<7).map { loss(raw, label: $0).statistics }
        #expect(hits.map(\.top1) == [1, 0, 0, 0, 0, 0, 0])
        #expect(hits.map(\.top5) == [1, 1, 1, 1, 0, 0, 1])
    }

    /// Of a tree only leaves are answers: e .101, f .024, h .036, i .714 and so on.
    @Test func ranksOfATree() throws {
        let loss = try ClassifierLoss(classes: 9, tree: .c31())
        let hits = (0..<9).map { loss(WordTree.c31Logits, label: $0).statistics }
        #expect(hits.map(\.top1) == [0, 0, 0, 0, 0, 0, 0, 0, 1])
        #expect(hits.map(\.top5) == [0, 0, 1, 0, 1, 1, 0, 1, 1])
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity]) func divergence(value: Float) throws {
        for loss in [
            try ClassifierLoss(classes: 9), try ClassifierLoss(classes: 9, tree: .c31()),
            ClassifierLoss(squaredErrorOf: 9),
        ] {
            let statistics = loss(Array(repeating: value, count: 9), label: 3).statistics
            #expect(!statistics.isFinite)
            if value.isNaN { #expect(statistics.top1 == 0 && statistics.top5 == 0) }
            _ = loss([0, 0, 0, 0, 0, 0, 0, 0, value], label: 3)
        }
    }

    @Test func misfits() throws {
        #expect(throws: LossError.self) { try ClassifierLoss(classes: 8, tree: .c31()) }
        let loss = try ClassifierLoss(classes: 8)
        try loss.check(.label(7))
        #expect(throws: LossError.self) { try loss.check(.label(8)) }
        #expect(throws: LossError.self) { try loss.check(.label(-1)) }
        #expect(throws: LossError.self) { try loss.check(.boxes([])) }
    }
}
