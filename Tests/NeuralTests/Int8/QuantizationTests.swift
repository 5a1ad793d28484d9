import Darknet
import Testing

@testable import Neural

@Suite struct QuantizationTests {
    @Test func zeroIsExact() {
        let quantization = Quantization(-0.5...4.6)
        #expect(abs(quantization.scale - 0.02) < 1e-6)
        #expect(quantization.zeroPoint == 25)
        // A range that does not hold 0 is widened.
        #expect(Quantization(2...5.1).zeroPoint == 0)
        #expect(Quantization(-5...(-1)).zeroPoint == 255)
        #expect(Quantization(0...0).scale > 0)
    }

    @Test func whatIsJoinedSharesItsRange() {
        let config = NetworkConfig.network([
            .conv(8), .pool(2, 2), .conv(8), .route(0), .conv(4, 1), .reorg(2), .route(5, 2), .conv(4, 1),
        ])
        let quantizations = config.quantizations([0: -1...1, 2: -2...8, 4: 0...20, 7: 0...1])
        #expect(quantizations[0] == Quantization(-1...1))
        #expect(quantizations[1] == quantizations[0])
        #expect(quantizations[3] == quantizations[0])
        for layer in [2, 4, 5, 6] { #expect(quantizations[layer] == Quantization(-2...20)) }
    }

    @Test func whatReadsTheImageHasItsBytes() {
        let config = NetworkConfig.network([.pool(2, 2), .conv(4)])
        #expect(config.quantizations([1: 0...1])[0] == .pixels)
    }
}

@Suite struct RangeHistogramTests {
    private func histogram(_ values: [Float]) -> RangeHistogram {
        var histogram = RangeHistogram()
        // In pieces, so that it has to widen.
        for start in stride(from: 0, to: values.count, by: 1000) {
            values[start..<min(start + 1000, values.count)].withUnsafeBufferPointer { histogram.add($0) }
        }
        return histogram
    }

    @Test func keepsAnEvenSpread() {
        let range = histogram((0...10_000).map { Float($0) / 10_000 * 6 - 1 }).bestRange
        #expect(abs(range.lowerBound + 1) < 0.02)
        #expect(abs(range.upperBound - 5) < 0.02)
    }

    @Test func doesNotPayForOneOutlier() {
        let values = (0..<200_000).map { Float($0 % 1000) / 1000 } + [30]
        let histogram = histogram(values)
        #expect(histogram.greatest == 30)
        #expect(histogram.bestRange.upperBound < 28)
    }

    @Test func passesOverWhatIsNoNumber() {
        let histogram = histogram([1, .nan, -.infinity, 2, .infinity])
        #expect(histogram.least == 0)
        #expect(histogram.greatest == 2)
        #expect(histogram.bestRange.upperBound > 1.5)
        #expect(self.histogram([]).bestRange == 0...0)
    }
}
