import Testing

@testable import Training

@Suite struct CoverageMaskTests {
    private func mask(_ polygons: [SIMD2<Float>]..., width: Int = 8, height: Int = 6) -> CoverageMask {
        CoverageMask(polygons, size: PixelSize(width: width, height: height))
    }

    private func area(_ mask: CoverageMask) -> Float { mask.values.reduce(0, +) }

    @Test func edgesBetweenPixelsCoverTheirPart() {
        let mask = mask([[1.25, 1], [4.5, 1], [4.5, 3.5], [1.25, 3.5]])
        let full: [Float] = [0, 0.75, 1, 1, 0.5, 0, 0, 0]
        let none = [Float](repeating: 0, count: 8)
        let rows = [none, full, full, full.map { $0 / 2 }, none, none]
        #expect(zip(mask.values, rows.joined()).allSatisfy { abs($0 - $1) < 1e-6 }, "\(mask.values)")
    }

    @Test func slantedEdgesKeepTheArea() {
        #expect(abs(area(mask([[1, 1], [7, 2], [3, 5]])) - 11) < 0.1)
        // Whichever way it goes round, and with an inward corner.
        #expect(abs(area(mask([[3, 5], [7, 2], [1, 1]])) - 11) < 0.1)
        #expect(abs(area(mask([[0, 0], [8, 0], [8, 6], [4, 2], [0, 6]])) - 32) < 0.2)
    }

    @Test func whatLiesOutsideIsCutOff() {
        let all = mask([[-5, -7], [20, -7], [20, 30], [-5, 30]])
        #expect(all.values.allSatisfy { $0 == 1 })
        #expect(area(mask([[8, 0], [12, 0], [12, 6], [8, 6]])) == 0)
        #expect(area(mask([[0, 6], [8, 6], [8, 9]])) == 0)
        #expect(abs(area(mask([[4, -3], [30, -3], [30, 3], [4, 3]])) - 12) < 1e-5)
    }

    @Test func partsAddUpToOneAtMost() {
        let mask = mask(
            [[0, 0], [4, 0], [4, 4], [0, 4]], [[2, 2], [6, 2], [6, 6], [2, 6]], [[6.5, 0], [8, 0], [8, 1]])
        #expect(mask.values.allSatisfy { (0...1).contains($0) })
        #expect(abs(area(mask) - 28 - 0.75) < 0.05)
    }

    @Test func linesAndPointsCoverNothing() {
        #expect(
            area(mask([], [[1, 1]], [[1, 1], [5, 5]], [[1, 2], [4, 2], [6, 2]], [[3, 0], [3, 3], [3, 6]])) == 0)
    }
}
