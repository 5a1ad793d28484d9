import Darknet
import TestSupport

@testable import Training

extension RegionLoss {
    /// Of raw values in an array.
    func callAsFunction(
        _ raw: [Float], rows: Int, columns: Int, target: Target, seen: Int = 100_000
    ) -> (statistics: LossStatistics, gradient: [Float]) {
        // Not zeros: all of it must be written.
        var gradient = [Float](repeating: 99, count: raw.count)
        let statistics = raw.withUnsafeBufferPointer { raw in
            gradient.withUnsafeMutableBufferPointer {
                self(raw, rows: rows, columns: columns, target: target, seen: seen, gradient: $0)
            }
        }
        return (statistics, gradient)
    }
}

extension ClassifierLoss {
    func callAsFunction(_ raw: [Float], label: Int) -> (statistics: LossStatistics, gradient: [Float]) {
        var gradient = [Float](repeating: 99, count: raw.count)
        let statistics = raw.withUnsafeBufferPointer { raw in
            gradient.withUnsafeMutableBufferPointer { self(raw, target: .label(label), gradient: $0) }
        }
        return (statistics, gradient)
    }
}

extension WordTree {
    /// Check C31's: a to i.
    static func c31() throws -> WordTree {
        try WordTree(parsing: "a -1\nb -1\nc 0\nd 0\ne 0\nf 1\ng 1\nh 3\ni 3\n", file: "c31.tree")
    }
    static let c31Logits: [Float] = [3, 0, 0, 2, 0, 0.5, 0.5, 0, 3]
}

extension Region {
    static func of(classes: Int, anchors: [Float], _ change: (inout Region) -> Void = { _ in }) -> Region {
        var region = Region()
        region.classes = classes
        region.count = anchors.count / 2
        region.anchors = anchors
        change(&region)
        return region
    }
}

func isClose(_ actual: Float, _ expected: Double, _ tolerance: Double = 2e-6) -> Bool {
    abs(Double(actual) - expected) <= tolerance
}

func isClose(_ actual: Double, _ expected: Double, _ tolerance: Double = 1e-5) -> Bool {
    abs(actual - expected) <= tolerance * max(1, abs(expected))
}
