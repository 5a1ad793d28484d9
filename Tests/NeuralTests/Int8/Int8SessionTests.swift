import Darknet
import TestSupport
import Testing

@testable import Neural

@Suite struct Int8SessionTests {
    /// An image of bytes in both layouts.
    private struct Picture {
        let packed: UnsafeMutableRawPointer
        let planar: [Float]

        init(width: Int, height: Int, seed: UInt64) {
            let layout = InputLayout.bytes(width: width, height: height)
            packed = .allocate(byteCount: layout.byteCount, alignment: 64)
            packed.initializeMemory(as: UInt8.self, repeating: 0, count: layout.byteCount)
            var numbers = UniformNumbers(seed: seed)
            let bytes = numbers.array(3 * width * height) { ($0 * 255).rounded() }
            for (index, byte) in bytes.enumerated() {
                let (colour, position) = index.quotientAndRemainder(dividingBy: width * height)
                let (y, x) = position.quotientAndRemainder(dividingBy: width)
                packed.storeBytes(
                    of: UInt8(byte), toByteOffset: layout.start + y * layout.rowStride + x * 4 + colour, as: UInt8.self)
            }
            planar = bytes.map { $0 / 255 }
        }
    }

    private func pictures(_ config: NetworkConfig, _ count: Int) -> [Picture] {
        (0..<count).map { Picture(width: config.net.width, height: config.net.height, seed: 3 + UInt64($0)) }
    }

    /// Ranges of just these pictures.
    private func ranges(_ config: NetworkConfig, _ weights: WeightsFile, _ pictures: [Picture]) throws
        -> [Int: ClosedRange<Float>]
    {
        let model = try Model(config: config, weights: weights)
        let calibrator = try Calibrator(model, width: config.net.width, height: config.net.height, threads: 1)
        for picture in pictures { try picture.planar.withUnsafeBytes { try calibrator.add($0.baseAddress!) } }
        return calibrator.ranges()
    }

    private func outputs(
        _ model: Model, _ pictures: [Picture], batch: Int = 1, threads: Int = 1
    ) throws -> [Float] {
        let net = model.config.net
        let session = try model.session(width: net.width, height: net.height, batch: batch, threads: threads)
        var outputs: [Float] = []
        for first in stride(from: 0, to: pictures.count, by: batch) {
            let batch = pictures[first..<first + batch]
            switch session.inputLayout.element {
            case .packedBytes: try session.run(batch.map { UnsafeRawPointer($0.packed) })
            case .planarFloats: try batch[first].planar.withUnsafeBytes { try session.run([$0.baseAddress!]) }
            }
            outputs += session.output
        }
        return outputs
    }

    /// The root of the mean square difference, as a part of that of the values.
    private func noise(_ actual: [Float], _ expected: [Float]) -> Float {
        let energy = zip(actual, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return (energy / expected.reduce(0) { $0 + $1 * $1 }).squareRoot()
    }

    /// Everything that a YOLOv2 has, at sizes that no tile fits.
    private static let networks: [String: NetworkConfig] = [
        "one": .network([.conv(21, 1, activation: .linear)], width: 13, height: 5),
        "chain": .network(
            [.conv(20), .conv(33, 1), .conv(40, activation: .relu), .conv(7, 1, activation: .linear)], width: 30,
            height: 9),
        "pooled": .network(
            [.conv(16), .pool(2, 2), .conv(40), .pool(2, 2), .conv(9, 1, activation: .linear)], width: 104, height: 12),
        "pools": .network(
            [.conv(8), .pool(2, 2), .conv(36), .pool(2, 1), .pool(3, 2), .conv(5, 1, activation: .linear)], width: 24,
            height: 18),
        "passthrough": .network(
            [
                .conv(16), .conv(24), .pool(2, 2), .conv(32), .route(1), .conv(8, 1), .reorg(2), .route(6, 3),
                .conv(18),
                .conv(10, 1, activation: .linear),
            ], width: 20, height: 12),
        "routes": .network(
            [
                .conv(16), .conv(12, 1), .conv(16, 1), .route(2, 1), .conv(8), .route(4, 3, 0), .conv(16),
                .conv(6, 1, activation: .linear),
            ], width: 17, height: 7),
    ]

    @Test(arguments: networks.keys.sorted())
    func isCloseToFloats(name: String) throws {
        let config = try #require(Self.networks[name])
        let weights = try WeightsFile.reproducible(config)
        let pictures = pictures(config, 2)
        let ranges = try ranges(config, weights, pictures)
        let exact = try pictures.flatMap { try outputs(Model(config: config, weights: weights), [$0]) }
        let model = try Model(config: config, weights: weights, calibration: ranges, kernel: .portable)
        #expect(model.precision == .int8)
        let coarse = try outputs(model, pictures)
        #expect(noise(coarse, exact) < 0.05)
    }

    /// Every kernel of this CPU, in one and in several threads and images at once.
    @Test(arguments: networks.keys.sorted(), Int8Kernel.allCases.filter { $0.isSupported })
    func givesTheSameNumbersHoweverItComputes(name: String, kernel: Int8Kernel) throws {
        let config = try #require(Self.networks[name])
        let weights = try WeightsFile.reproducible(config)
        let pictures = pictures(config, 3)
        let ranges = try ranges(config, weights, pictures)
        let model = try Model(config: config, weights: weights, calibration: ranges, kernel: kernel)
        let portable = try Model(config: config, weights: weights, calibration: ranges, kernel: .portable)
        let expected = try outputs(portable, pictures)
        #expect(try outputs(model, pictures) == expected)
        #expect(try outputs(model, pictures, batch: 3, threads: 2) == expected)
        #expect(try outputs(model, pictures, threads: 3) == expected)
    }

    /// Memory is used again within a run, and everything is written anew in the next.
    @Test func runsAgain() throws {
        let config = try #require(Self.networks["passthrough"])
        let weights = try WeightsFile.reproducible(config)
        let pictures = pictures(config, 2)
        let model = try Model(config: config, weights: weights, calibration: ranges(config, weights, pictures))
        let once = try outputs(model, pictures)
        #expect(try outputs(model, pictures + pictures) == once + once)
    }

    @Test func classifies() throws {
        let config = NetworkConfig.network(
            [.conv(16), .pool(2, 2), .conv(12, 1, activation: .linear), .avgpool, .softmax(Softmax()), .cost(Cost())],
            width: 16, height: 16)
        let weights = try WeightsFile.reproducible(config)
        let pictures = pictures(config, 2)
        let model = try Model(config: config, weights: weights, calibration: ranges(config, weights, pictures))
        let exact = try pictures.flatMap { try outputs(Model(config: config, weights: weights), [$0]) }
        let coarse = try outputs(model, pictures)
        #expect(coarse.count == 24)
        for image in 0..<2 { #expect(abs(coarse[image * 12..<image * 12 + 12].reduce(0, +) - 1) < 1e-5) }
        for (a, b) in zip(coarse, exact) { #expect(abs(a - b) < 0.02) }
    }

    @Test(arguments: [
        ([Layer.Kind.conv(8, activation: .elu)], "activation=elu"), ([.conv(8, 3, stride: 2)], "stride=2"),
        ([.conv(8, 5)], "size=5"), ([.conv(8, 3, padding: 0)], "padding=0"), ([.conv(9, groups: 3)], "groups=3"),
        ([.conv(8), .avgpool, .conv(4, 1)], "stands before"), ([.conv(8), .pool(2, 2)], "stands behind"),
        ([.pool(2, 2)], "no convolution"), ([.conv(6), .conv(8), .route(1, 0), .conv(4, 1)], "no multiple of 4"),
        ([.pool(1, 1), .conv(8), .route(1, 0), .conv(4, 1)], "joins the image"),
    ])
    func saysWhatItCannotCompute(kinds: [Layer.Kind], reason: String) throws {
        let config = NetworkConfig.network(kinds)
        let error = #expect(throws: NeuralError.self) {
            try Model(config: config, weights: .reproducible(config), calibration: [:])
        }
        #expect(try #require(error).description.contains(reason))
    }

    @Test func takesLessMemory() throws {
        let config = NetworkConfig.network([.conv(64), .conv(128), .conv(16, 1, activation: .linear)])
        let weights = try WeightsFile.reproducible(config)
        let exact = try Model(config: config, weights: weights)
        let coarse = try Model(config: config, weights: weights, calibration: [0: -1...4, 1: -1...4])
        #expect(coarse.weightByteCount < exact.weightByteCount / 3)
        let (a, b) = (
            try exact.session(width: 64, height: 64, threads: 1), try coarse.session(width: 64, height: 64, threads: 1)
        )
        #expect(b.scratchBytes < a.scratchBytes / 3)
    }
}
