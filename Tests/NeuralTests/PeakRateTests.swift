import Testing

@testable import Neural

/// How fast the machine is nobody knows; that figures come out, and of what, can be told.
@Suite struct PeakRateTests {
    @Test(arguments: [1, 2])
    func `both kinds of numbers`(_ threads: Int) throws {
        let (fp32, int8) = (try PeakRate.fp32(threads: threads), try PeakRate.int8(threads: threads))
        #expect(fp32.gflopsPerSecond.isFinite && fp32.gflopsPerSecond > 0)
        #expect(int8.gflopsPerSecond.isFinite && int8.gflopsPerSecond > 0)
        // Four times the products in each instruction.
        if int8.instructions.contains("VNNI") { #expect(int8.gflopsPerSecond > fp32.gflopsPerSecond) }
    }

    @Test(arguments: [0, -1, 1025])
    func `impossible counts`(_ threads: Int) {
        #expect(throws: NeuralError.parameter("threads", value: threads, allowed: 1...1024)) {
            try PeakRate.fp32(threads: threads)
        }
    }
}
