import Testing

@testable import Darknet

/// Spec 3.1 to 3.3, checks C3 and C4.
@Suite struct NetworkCostTests {
    private func builtIn(_ name: String) throws -> NetworkConfig { try #require(NetworkConfig.builtIn(name)) }

    @Test(arguments: [
        ("darknet19", 20_856_776, 20_842_376, 83_427_120), ("darknet19_448", 20_856_776, 20_842_376, 83_427_120),
        ("darknet9000", 29_485_226, 29_470_826, 117_940_920), ("yolov2-voc", 50_676_061, 50_655_389, 202_704_260),
        ("yolov2", 50_983_561, 50_962_889, 203_934_260), ("yolov2-tiny-voc", 15_867_885, 15_861_773, 63_471_556),
        ("yolov2-tiny", 11_237_145, 11_232_057, 44_948_596), ("yolo9000", 48_807_501, 48_793_101, 195_230_020),
        ("yolov2-paper-voc", 67_158_109, 67_137_565, 268_632_452),
        ("yolov2-paper", 67_465_609, 67_445_065, 269_862_452),
    ])
    func parameters(name: String, stored: Int, trainable: Int, bytes: Int) throws {
        let config = try builtIn(name)
        #expect(try config.parameterCount() == ParameterCount(stored: stored, trainable: trainable))
        #expect(try config.weightsByteCount(header: 16) == bytes)
        #expect(try config.weightsByteCount() == bytes + 4)
    }

    @Test func `floats of the body's layers`() throws {
        let counts = try builtIn("yolov2").parameterCounts().map(\.stored)
        #expect(
            counts[...22] == [
                992, 0, 18_688, 0, 74_240, 8_448, 74_240, 0, 295_936, 33_280, 295_936, 0, 1_181_696, 132_096, 1_181_696,
                132_096, 1_181_696, 0, 4_722_688, 526_336, 4_722_688, 526_336, 4_722_688,
            ])
        #expect(counts[...22].reduce(0, +) == 19_831_776)
        #expect(counts[26] == 33_024 && counts[29] == 11_800_576 && counts[30] == 435_625)
    }

    /// C4, and the totals of spec 3.3.
    @Test(arguments: [
        ("yolov2-voc", 416, 416, 29.360334848), ("yolov2", 608, 608, 62.938253312),
        ("darknet19", 224, 224, 5.581979648),
        ("yolov2-tiny-voc", 416, 416, 6.971041792), ("yolov2-voc", 416, 256, 18.067898368),
    ])
    func `operations to the digit`(name: String, width: Int, height: Int, giga: Double) throws {
        let flops = try builtIn(name).flops(width: width, height: height).reduce(0, +)
        #expect(flops == Int((giga * 1e9).rounded()))
    }

    @Test(arguments: [
        ("darknet19", 256, 7.291), ("darknet19_448", 448, 22.328), ("darknet9000", 448, 25.707),
        ("yolov2-voc", 544, 50.208), ("yolov2-voc", 288, 14.072), ("yolov2", 416, 29.464), ("yolov2-tiny", 416, 5.406),
        ("yolo9000", 544, 49.062), ("yolov2-paper-voc", 416, 34.898), ("yolov2-paper-voc", 544, 59.678),
        ("yolov2-paper", 544, 59.855),
    ])
    func `operations, rounded`(name: String, side: Int, giga: Double) throws {
        let flops = try builtIn(name).flops(width: side, height: side).reduce(0, +)
        #expect(abs(Double(flops) / 1e9 - giga) < 0.0006)
    }

    @Test func `operations of single layers`() throws {
        let flops = try builtIn("yolov2-voc").flops(width: 416, height: 416)
        #expect(flops.count == 32)
        let expected = [
            0: 0.299, 2: 1.595, 5: 0.177, 22: 1.595, 23: 3.190, 26: 0.044, 27: 0, 29: 3.987, 30: 0.043, 31: 0,
        ]
        for (layer, giga) in expected { #expect(abs(Double(flops[layer]) / 1e9 - giga) < 0.0006, "layer \(layer)") }
    }

    @Test func `keys of fine-tuning change the file that is read, not the network`() throws {
        let all = try NetworkConfig(layers: "[conv]\nfilters=8\nsize=3\npad=1\nbatch_normalize=1\n[conv]\nfilters=4")
        #expect(try all.parameterCount().stored == 8 * 27 + 32 + 4 * 8 + 4)
        #expect(try all.weightsByteCount(header: 16) == 16 + 4 * (8 * 27 + 32 + 4 * 8 + 4))
        let some = try NetworkConfig(
            layers:
                "[conv]\nfilters=8\nsize=3\npad=1\nbatch_normalize=1\nnumload=2\ndontloadscales=1\n"
                + "[conv]\nfilters=4\ndontload=1"
        )
        #expect(try some.parameterCount() == all.parameterCount())
        #expect(try some.weightsByteCount(header: 16) == 16 + 4 * (2 * 27 + 2))
    }
}
