import Darknet
import Foundation
import Pipeline
import TestSupport
import Testing

@testable import Neural
@testable import Streams
@testable import lookout

@Suite("Reports of lookout bench") struct BenchReportTests {
    /// 2 GFLOP in 10 ms of a machine that does 400 GFLOP/s; batches of two.
    private func report(pipeline: BenchReport.Pipeline? = nil) -> BenchReport {
        let machine = Machine(
            cpu: "Abacus", processors: Processors(affinity: 4, root: "/nowhere"), engine: "2.6.3",
            instructionSet: "AVX512 CORE", threads: 2, fp32: PeakRate(instructions: "AVX-512", gflopsPerSecond: 400),
            int8: PeakRate(instructions: "AVX-512 VNNI", gflopsPerSecond: 1600))
        let convolution = BenchReport.Row(
            layer: Layer(.convolutional(Convolution(filters: 16, size: 3))),
            output: TensorShape(channels: 16, height: 32, width: 64),
            time: LayerTime(
                layer: 0,
                operations: [
                    .init(name: "convolution", kernel: "jit_wino", milliseconds: 7),
                    .init(name: "eltwise", kernel: "jit:any", milliseconds: 1),
                ], flops: 4_000_000_000))
        let pool = BenchReport.Row(
            layer: Layer(.maxpool(MaxPool(size: 2, stride: 2))),
            output: TensorShape(channels: 16, height: 16, width: 32),
            time: LayerTime(
                layer: 1, operations: [.init(name: "pooling", kernel: "jit:pool", milliseconds: 4)], flops: 0))
        return BenchReport(
            machine: machine, network: "test", width: 64, height: 32, batch: 2, threads: 2, precision: .fp32,
            hasRandomWeights: true, runs: [40, 20, 18], rows: [convolution, pool], pipeline: pipeline)
    }

    private func object(_ report: BenchReport) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(report.json().utf8)) as? [String: Any])
    }

    @Test func `a frame is a part of a batch`() throws {
        let json = try object(report())
        #expect(json["ms_per_frame"] as? [String: Double] == ["median": 10, "min": 9, "max": 20])
        #expect(json["gflop"] as? Double == 2)
        #expect(json["gflops_per_second"] as? Double == 200)
        #expect(json["peak_share"] as? Double == 0.5)
        let layers = try #require(json["layers"] as? [[String: Any]])
        #expect(layers.map { $0["ms"] as? Double } == [4, 2])
        #expect(layers.map { $0["gflops_per_second"] as? Double } == [500, 0])
        // Winograd's.
        #expect(layers.map { $0["peak_share"] as? Double } == [1.25, 0])
        #expect(json["pipeline"] == nil)
    }

    @Test func `text for people`() {
        let lines = report().text().split(separator: "\n")
        #expect(lines.first == "Abacus")
        #expect(lines.contains("  cores to use: 4 (affinity mask 4, no quota), NUMA nodes: 1"))
        #expect(
            lines.contains(
                "  measured peak of 2 threads: fp32 400 GFLOP/s (AVX-512), int8 1600 GOP/s (AVX-512 VNNI)"))
        #expect(lines.contains("test at 64 x 32, batch 2, 2 threads, fp32, random weights"))
        #expect(lines.contains { $0.hasPrefix("    0 convolutional") && $0.hasSuffix("4.000    500.0    125 %") })
        #expect(lines.contains { $0.contains("  eltwise") && $0.hasSuffix("jit:any                           0.500") })
        #expect(
            lines.contains { $0.hasPrefix("    1 maxpool") && $0.hasSuffix("jit:pool                          2.000") })
        #expect(
            lines.contains("10.00 ms a frame (9.00 to 20.00, 3 runs), 100.0 fps, 200.0 GFLOP/s, 50 % of the peak"))
    }

    @Test func `passes through a file add up`() throws {
        var pipeline = BenchReport.Pipeline(input: "a\u{1B}%04d%s.png")
        for _ in 0..<2 {
            pipeline.add(
                RecordingSummary(
                    frames: 12, analysed: 10, decodeErrors: 0, reason: .end, elapsed: .seconds(2),
                    stages: [.infer: .seconds(1), .decode: .milliseconds(50)], detections: [:]))
        }
        let json = try #require(try object(report(pipeline: pipeline))["pipeline"] as? [String: Any])
        #expect(json["frames"] as? Int == 20)
        #expect(json["fps"] as? Double == 5)
        #expect(json["stage_ms_per_frame"] as? [String: Double] == ["decode": 5, "infer": 100])
        let text = report(pipeline: pipeline).text()
        #expect(text.contains("\na\\u{1B}%04d%s.png: 20 frames in 4.0 s, 5.0 fps\n"))
        #expect(text.contains("decode 5.00, infer 100.00\n"))
    }
}
