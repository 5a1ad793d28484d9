import CDNNL
import Darknet
import Testing

@testable import Neural

@Suite struct KernelPreferenceTests {
    private func algorithm(
        _ kernels: KernelPreference = .throughput, _ input: Int = 32, _ filters: Int = 32, side: Int = 52,
        batch: Int = 1, _ change: (inout Convolution) -> Void = { _ in }
    ) -> lk_algorithm {
        var convolution = Convolution(filters: filters, size: 3)
        change(&convolution)
        let shape = LayerShape(
            input: TensorShape(channels: input, height: side, width: side),
            output: TensorShape(channels: filters, height: side, width: side))
        return kernels.algorithm(convolution, shape, batch: batch)
    }

    @Test func whatWinogradCanDo() {
        #expect(algorithm() == lk_winograd_4x4)
        #expect(algorithm(.startup) == lk_direct)
        #expect(algorithm { $0.size = 1 } == lk_direct)
        #expect(algorithm { $0.size = 5 } == lk_direct)
        #expect(algorithm { $0.stride = 2 } == lk_direct)
        #expect(algorithm { $0.groups = 2 } == lk_direct)
    }

    @Test func whereWinogradGains() {
        #expect(algorithm(.throughput, 3, 32) == lk_direct)
        #expect(algorithm(.throughput, 32, 3) == lk_direct)
        #expect(algorithm(.throughput, 16, 16) == lk_winograd_4x4)
        #expect(algorithm(side: 13) == lk_winograd)
        #expect(algorithm(side: 13, batch: 4) == lk_winograd_4x4)
        #expect(algorithm(side: 19) == lk_winograd_4x4)
        #expect(algorithm(side: 7) == lk_winograd)
        #expect(algorithm(side: 6) == lk_direct)
    }
}
