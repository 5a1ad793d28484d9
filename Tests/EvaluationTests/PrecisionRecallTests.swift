import Testing

@testable import Evaluation

@Suite struct PrecisionRecallTests {
    /// Check C30.
    @Test(
        arguments: [
            ([1, 0, 1, 1, 0, 1, 0], 5, 0.6666667, 0.6333333, 0.6369637),
            ([0, 1, 0, 0, 1], 4, 0.2454545, 0.225, 0.2277228), ([1, 1, 1], 3, 1, 1, 1), ([], 3, 0, 0, 0),
        ] as [([Int], Int, Double, Double, Double)])
    func averages(flags: [Int], truths: Int, eleven: Double, area: Double, hundredAndOne: Double) {
        let curve = PrecisionRecall(hits: flags.map { $0 == 1 }, truths: truths)
        #expect(abs(curve.elevenPoint - eleven) < 1e-7)
        #expect(abs(curve.area - area) < 1e-7)
        #expect(abs(mean(curve.hundredAndOnePoints) - hundredAndOne) < 1e-7)
        #expect(abs(curve.recall - Double(flags.count { $0 == 1 }) / Double(truths)) < 1e-15)
    }
}
