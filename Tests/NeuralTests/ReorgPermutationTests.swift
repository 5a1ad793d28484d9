import Darknet
import Testing

@testable import Neural

@Suite struct ReorgPermutationTests {
    private func permutation(
        _ channels: Int, _ height: Int, _ width: Int, _ order: ReorgOrder = .darknet, stride: Int = 2,
        reverse: Bool = false
    ) -> ReorgPermutation {
        ReorgPermutation(
            Reorg(stride: stride, reverse: reverse, order: order),
            input: TensorShape(channels: channels, height: height, width: width))
    }

    /// Check C9 of the spec: an input of 0, 1, 2, ..., so that values are indices.
    @Test func numberedInput() {
        #expect(
            permutation(4, 4, 4).sources == [
                0, 2, 4, 6, 16, 18, 20, 22, 32, 34, 36, 38, 48, 50, 52, 54, 1, 3, 5, 7, 17, 19, 21, 23, 33, 35, 37, 39,
                49, 51, 53, 55, 8, 10, 12, 14, 24, 26, 28, 30, 40, 42, 44, 46, 56, 58, 60, 62, 9, 11, 13, 15, 25, 27,
                29, 31, 41, 43, 45, 47, 57, 59, 61, 63,
            ])
        #expect(
            permutation(4, 4, 4, .channelMajor).sources.prefix(16) == [
                0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7, 13, 15,
            ])
        #expect(
            permutation(4, 4, 4, .offsetMajor).sources.prefix(16) == [
                0, 2, 8, 10, 16, 18, 24, 26, 32, 34, 40, 42, 48, 50, 56, 58,
            ])
        #expect(permutation(4, 2, 2).sources == [0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7, 13, 15])
        #expect(permutation(4, 2, 2, .channelMajor).sources == Array(0..<16))
        #expect(
            permutation(4, 2, 2, .offsetMajor).sources == [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15])
    }

    /// Check C10: where single outputs of YOLOv2's passthrough come from, as (channel, row, column).
    @Test func passthrough() {
        let sources = permutation(64, 26, 26).sources
        let spots = [
            ((0, 0, 0), (0, 0, 0)), ((0, 0, 1), (0, 0, 2)), ((0, 1, 0), (0, 1, 0)), ((0, 2, 0), (0, 4, 0)),
            ((1, 0, 0), (0, 25, 0)), ((3, 12, 12), (3, 23, 24)), ((4, 0, 0), (4, 0, 0)), ((64, 0, 0), (0, 0, 1)),
            ((100, 6, 6), (36, 12, 13)), ((128, 0, 0), (0, 2, 0)), ((192, 0, 0), (0, 2, 1)),
            ((255, 12, 12), (63, 25, 25)),
        ]
        for (output, input) in spots {
            let source = sources[(output.0 * 13 + output.1) * 13 + output.2]
            #expect(source == (input.0 * 26 + input.1) * 26 + input.2, "output \(output)")
        }
    }

    @Test(arguments: ReorgOrder.allCases, [false, true])
    func inverse(order: ReorgOrder, reverse: Bool) {
        for (channels, height, width, stride) in [(4, 4, 4, 2), (8, 6, 4, 2), (64, 16, 26, 2), (9, 6, 3, 3)] {
            let forward = permutation(channels, height, width, order, stride: stride, reverse: reverse)
            #expect(forward.sources.sorted() == Array(0..<forward.sources.count))
            #expect(forward.inverse.sources.map { forward.sources[$0] } == Array(0..<forward.sources.count))
            #expect(forward.inverse.inverse == forward)
        }
    }

    /// All but Darknet's own order have a reverse that undoes them; Darknet's undoes the offset-major one.
    @Test func reverse() {
        #expect(permutation(16, 2, 3, .channelMajor, reverse: true) == permutation(4, 4, 6, .channelMajor).inverse)
        #expect(permutation(16, 2, 3, .offsetMajor, reverse: true) == permutation(4, 4, 6, .offsetMajor).inverse)
        #expect(permutation(16, 2, 3, .darknet, reverse: true) == permutation(4, 4, 6, .offsetMajor).inverse)
        #expect(permutation(16, 2, 3, .darknet, reverse: true) != permutation(4, 4, 6, .darknet).inverse)
    }
}
