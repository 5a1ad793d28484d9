import Detection
import Media
import TestSupport
import Testing

@Suite struct ReferenceResamplerTests {
    /// Check C14 of the spec.
    @Test func smallGrids() {
        #expect(resized([0, 1, 2, 3], 2, 2, to: 3, 3) == [0, 0.5, 1, 1, 1.5, 2, 2, 2.5, 3])
        let sixteen = (0..<16).map(Float.init)
        #expect(resized(sixteen, 4, 4, to: 2, 2) == [0, 3, 12, 15])
        #expect(resized(sixteen, 4, 4, to: 3, 3) == [0, 1.5, 3, 6, 7.5, 9, 12, 13.5, 15])
    }

    /// In float32 the last row's position falls just short of the last source row (spec 6): it must not go dark.
    @Test(arguments: [(240, 416), (440, 416), (375, 312), (576, 312)])
    func theLastRowAndColumnAreTheSourcesLast(from: Int, to: Int) {
        let column = (0..<from).map { Float($0) + 1 }
        #expect(resized(column, 1, from, to: 1, to).last == Float(from))
        #expect(resized(column, from, 1, to: to, 1).last == Float(from))
    }

    @Test func onePixel() {
        #expect(resized((0..<16).map(Float.init), 4, 4, to: 1, 1) == [0])
        #expect(resized([7], 1, 1, to: 3, 2) == [7, 7, 7, 7, 7, 7])
        #expect(resized([1, 3], 2, 1, to: 3, 2) == [1, 2, 3, 1, 2, 3])
    }

    @Test func ownSizeChangesNothing() {
        var numbers = UniformNumbers(seed: 5)
        let values = numbers.array(7 * 5) { $0 }
        #expect(resized(values, 7, 5, to: 7, 5) == values)
    }

    @Test func letterboxLiesOnGrey() {
        let image = RGBImage(width: 4, height: 2, values: Array(repeating: 1, count: 24))
        let input = InputImage(width: 32, height: 32)
        input.values.update(repeating: 9)
        ReferenceResampler.prepare(image, into: input, mode: .letterbox)
        for channel in 0..<3 {
            for row in 0..<32 {
                let expected: Float = (8..<24).contains(row) ? 1 : 0.5
                #expect((0..<32).allSatisfy { input.values[(channel * 32 + row) * 32 + $0] == expected })
            }
        }
        #expect(input.geometry?.contentHeight == 16)
    }

    /// The reference's own inputs, from the pixels that it decoded.
    @Test(.enabled(if: TestData.available, TestData.skipMessage), arguments: Golden.inputs())
    func goldenInput(_ golden: Golden.Input) throws {
        let image = try RGBImage(Golden.frame("images/\(golden.image).png"))
        let input = InputImage(width: golden.width, height: golden.height)
        ReferenceResampler.prepare(image, into: input, mode: .letterbox)
        let error = try golden.largestError(of: input)
        #expect(error < 1 / 255)
    }

    /// The red plane, resized; the other two must be like it.
    private func resized(_ plane: [Float], _ width: Int, _ height: Int, to newWidth: Int, _ newHeight: Int) -> [Float] {
        let image = RGBImage(width: width, height: height, values: plane + plane + plane)
        let result = ReferenceResampler.resize(image, width: newWidth, height: newHeight)
        let count = newWidth * newHeight
        #expect(result.width == newWidth && result.height == newHeight && result.values.count == 3 * count)
        #expect(result.values[count..<2 * count] == result.values[..<count])
        #expect(result.values[(2 * count)...] == result.values[..<count])
        return Array(result.values[..<count])
    }
}
