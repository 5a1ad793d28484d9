import Foundation
import TestSupport
import Testing

@testable import Darknet

@Suite struct WeightsHeaderTests {
    /// C6.
    @Test(
        arguments: [
            (0, 1, 16), (0, 2, 20), (1, 0, 20), (1000, 0, 16), (0, 1000, 16), (-1, 0, 16), (Int32.max, Int32.max, 16),
            (Int32.min, Int32.min, 16),
        ] as [(Int32, Int32, Int)])
    func `the version tells the size`(major: Int32, minor: Int32, bytes: Int) {
        #expect(WeightsHeader(major: major, minor: minor).byteCount == bytes)
    }

    @Test func `transposed files`() {
        #expect(WeightsHeader(major: 1001, minor: 0).transpose && WeightsHeader(major: 0, minor: 1001).transpose)
        #expect(!WeightsHeader(major: 1000, minor: 0).transpose)
    }
}

@Suite struct WeightsFileTests {
    /// Layers 0 (with batch normalisation, 2 x 3 x 1 x 1), 1 (pool), 2 (3 x 2 x 1 x 1).
    private let config: NetworkConfig
    private let folder: TemporaryFolder
    private let floats = 8 + 6 + 3 + 6

    init() throws {
        config = try NetworkConfig(
            layers: "[conv]\nfilters=2\nbatch_normalize=1\n[max]\nstride=2\n[conv]\nfilters=3\nactivation=linear")
        folder = try TemporaryFolder()
    }

    /// A header of 16 bytes, then 1, 2, 3, ...
    private func file(_ count: Int, extraBytes: Int = 0, header: [UInt32] = [0, 1, 0, 7]) throws -> String {
        let words = header + (0..<count).map { Float($0 + 1).bitPattern }
        let bytes = words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
        return try folder.write(bytes + Array(repeating: 0, count: extraBytes), to: "numbers.weights")
    }

    @Test func `numbers in the order of the file`() throws {
        let weights = try WeightsFile(contentsOf: try file(floats), for: config)
        #expect(weights.header == WeightsHeader(major: 0, minor: 1, revision: 0, seen: 7))
        #expect(weights.extent == .whole && weights.layers.keys.sorted() == [0, 2])
        let first = try #require(weights.layers[0])
        #expect(first.biases == [1, 2])
        #expect(first.batchNorm == .init(scales: [3, 4], means: [5, 6], variances: [7, 8]))
        #expect(first.weights == [9, 10, 11, 12, 13, 14] && first.loadedFilters == 2)
        let second = try #require(weights.layers[2])
        #expect(second == ConvolutionWeights(biases: [15, 16, 17], weights: [18, 19, 20, 21, 22, 23]))
    }

    @Test func `a header of 20 bytes`() throws {
        let weights = try WeightsFile(contentsOf: try file(floats, header: [0, 2, 5, 1, 2]), for: config)
        #expect(weights.header == WeightsHeader(major: 0, minor: 2, revision: 5, seen: 1 | 2 << 32))
        #expect(weights.layers[2]?.weights.last == 23)
    }

    @Test(arguments: [(22, 0), (24, 0), (23, 1), (22, 3), (14, 0), (0, 0)])
    func `any other size is refused`(count: Int, extraBytes: Int) throws {
        let path = try file(count, extraBytes: extraBytes)
        let error = try #require(failure { () throws(DarknetError) in try WeightsFile(contentsOf: path, for: config) })
        #expect(error.kind == .mismatch && error.file == path)
        #expect(error.message.contains("holds \(16 + 4 * count + extraBytes) bytes"), "\(error)")
        #expect(error.message.contains("takes 108"), "\(error)")
    }

    @Test func `trailing bytes are ignored on demand`() throws {
        let weights = try WeightsFile(contentsOf: try file(30), for: config, ignoreTrailingBytes: true)
        #expect(weights.extent == .whole && weights.layers[2]?.weights.last == 23)
    }

    @Test func `a part is taken on demand, up to the end of a layer only`() throws {
        let part = try WeightsFile(contentsOf: try file(14), for: config, allowPartial: true)
        #expect(part.extent == .partial && part.layers.keys.sorted() == [0])
        let whole = try WeightsFile(contentsOf: try file(floats), for: config, allowPartial: true)
        #expect(whole.extent == .whole && whole.layers.count == 2)
        for count in [0, 13, 15, 22] {
            let path = try file(count)
            let error = failure { () throws(DarknetError) in
                try WeightsFile(contentsOf: path, for: config, allowPartial: true)
            }
            #expect(error?.kind == .mismatch && error?.message.contains("ends inside layer") == true)
        }
        let path = try file(24)
        #expect(
            failure { () throws(DarknetError) in try WeightsFile(contentsOf: path, for: config, allowPartial: true) }?
                .kind
                == .mismatch)
    }

    @Test(arguments: [[], [0, 1, 0], [0, 2, 0, 0]] as [[UInt32]])
    func `less than a header is refused`(header: [UInt32]) throws {
        let path = try file(0, header: header)
        let error = failure { () throws(DarknetError) in
            try WeightsFile(contentsOf: path, for: config, allowPartial: true)
        }
        #expect(error?.kind == .malformed && error?.message.contains("header") == true)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity, -1])
    func `numbers of no network are refused`(number: Float) throws {
        // Float 6 is the first variance, the only one that must not be negative.
        let good = try WeightsFile(contentsOf: try file(floats), for: config)
        var bad = good
        bad.layers[0]?.batchNorm?.variances[0] = number
        try bad.write(to: folder.file("bad.weights"), for: config)
        let error = failure { () throws(DarknetError) in
            try WeightsFile(contentsOf: folder.file("bad.weights"), for: config)
        }
        #expect(error?.kind == .malformed && error?.section == "layer 0 [convolutional]")
        if number != -1 {
            bad = good
            bad.layers[2]?.weights[5] = number
            try bad.write(to: folder.file("bad.weights"), for: config)
            let error = failure { () throws(DarknetError) in
                try WeightsFile(contentsOf: folder.file("bad.weights"), for: config)
            }
            #expect(error?.section == "layer 2 [convolutional]")
        }
    }

    @Test func `a folder, a missing file and a pipe are refused`() throws {
        try #require(mkfifo(folder.file("pipe"), 0o600) == 0)
        for path in [folder.path, folder.file("absent"), folder.file("pipe"), "/dev/null"] {
            let error = failure { () throws(DarknetError) in try WeightsFile(contentsOf: path, for: config) }
            #expect(error?.kind == .cannotRead)
        }
    }

    @Test func `numload, dontloadscales and dontload`() throws {
        let tuned = try NetworkConfig(
            layers:
                "[conv]\nfilters=3\nbatch_normalize=1\nnumload=2\ndontloadscales=1\n"
                + "[conv]\nfilters=4\ndontload=1\n[conv]\nfilters=1"
        )
        let weights = try WeightsFile(contentsOf: try file(2 + 6 + 5), for: tuned)
        let first = try #require(weights.layers[0])
        #expect(first.biases == [1, 2, 0] && first.weights == [3, 4, 5, 6, 7, 8, 0, 0, 0] && first.loadedFilters == 2)
        #expect(first.batchNorm == .init(scales: [1, 1, 1], means: [0, 0, 0], variances: [0, 0, 0]))
        #expect(weights.layers[1] == nil)
        #expect(weights.layers[2]?.weights == [10, 11, 12, 13])
    }

    /// The file is 16 bytes and a few numbers; the layer would fill two gigabytes.
    @Test func `numload cannot ask for memory without end`() throws {
        let huge = try NetworkConfig(layers: "[conv]\nfilters=40000\nsize=64\nnumload=1")
        let path = try file(1 + 3 * 64 * 64)
        let error = failure { () throws(DarknetError) in try WeightsFile(contentsOf: path, for: huge) }
        #expect(error?.kind == .mismatch && error?.message.contains("numload") == true)
    }

    @Test func `flipped weights are turned, there and back`() throws {
        let flipped = try NetworkConfig(layers: "[conv]\nfilters=2\nflipped=1")
        let path = try file(2 + 6)
        let weights = try WeightsFile(contentsOf: path, for: flipped)
        // In the file a row for each of the 3 channels, [3, 4], [5, 6], [7, 8]; here a row for each filter.
        #expect(weights.layers[0]?.weights == [3, 5, 7, 4, 6, 8])
        let copy = folder.file("copy.weights")
        try weights.write(to: copy, for: flipped)
        #expect(try bytes(of: copy) == bytes(of: path))
    }

    // MARK: Writing

    private func bytes(of path: String) throws -> [UInt8] {
        let file = try InputFile(path)
        return try file.read(file.byteCount, of: UInt8.self)
    }

    @Test func `what is written is what was read, to the byte`() throws {
        for header in [[0, 1, 0, 7], [0, 2, 0, 7, 1]] as [[UInt32]] {
            let path = try file(floats, header: header)
            let copy = folder.file("copy.weights")
            // Writing over an earlier file.
            try WeightsFile(contentsOf: path, for: config).write(to: copy, for: config)
            #expect(try bytes(of: copy) == bytes(of: path))
        }
    }

    @Test func `a backbone ends before the cutoff and has seen nothing`() throws {
        let weights = try WeightsFile(contentsOf: try file(floats), for: config)
        let path = folder.file("backbone.weights")
        try weights.write(to: path, for: config, cutoff: 2)
        let part = try WeightsFile(contentsOf: path, for: config, allowPartial: true)
        #expect(part.header.seen == 0 && part.extent == .partial)
        #expect(part.layers == [0: try #require(weights.layers[0])])
        #expect(try bytes(of: path).count == 16 + 4 * 14)
    }

    @Test func `dontsave leaves a layer out`() throws {
        var unsaved = config
        unsaved.layers[0].common.dontSave = true
        let weights = try WeightsFile(contentsOf: try file(floats), for: config)
        let path = folder.file("rest.weights")
        try weights.write(to: path, for: unsaved)
        #expect(try bytes(of: path).count == 16 + 4 * 9)
    }

    @Test func `what does not fit is not written, and leaves the earlier file alone`() throws {
        let path = try file(floats)
        let weights = try WeightsFile(contentsOf: path, for: config)
        var lacking = weights
        lacking.layers[2] = nil
        var short = weights
        short.layers[2]?.weights.removeLast()
        var plain = weights
        plain.layers[0]?.batchNorm = nil
        var late = weights
        late.header.seen = 1 << 32
        let before = try bytes(of: path)
        for wrong in [lacking, short, plain, late] {
            let error = failure { () throws(DarknetError) in try wrong.write(to: path, for: config) }
            #expect(error?.kind == .mismatch)
        }
        #expect(try bytes(of: path) == before)
        #expect(try folder.entries() == ["numbers.weights"], "no temporary file stays behind")
    }

    @Test func `an impossible place is an error`() throws {
        let weights = try WeightsFile(contentsOf: try file(floats), for: config)
        for path in [folder.file("absent/a.weights"), folder.path] {
            let error = failure { () throws(DarknetError) in try weights.write(to: path, for: config) }
            #expect(error?.kind == .cannotWrite)
        }
    }
}

/// C6 and C7: real files.
@Suite(.enabled(if: TestData.available, TestData.skipMessage)) struct RealWeightsTests {
    private func load(_ name: String, cfg: String? = nil) throws -> WeightsFile {
        let config = try NetworkConfig(contentsOf: TestData.path("models/\(cfg ?? name).cfg"))
        return try WeightsFile(contentsOf: TestData.path("models/\(name).weights"), for: config)
    }

    private func equal(_ numbers: ArraySlice<Float>, _ expected: [Float]) -> Bool {
        numbers.count == expected.count
            && zip(numbers, expected).allSatisfy { abs($0 - $1) <= max(1e-6, 1e-5 * abs($1)) }
    }

    @Test func `without batch normalisation`() throws {
        let weights = try load("yolo-lite-voc")
        #expect(weights.header == WeightsHeader(major: 0, minor: 1, revision: 0, seen: 15_833_600))
        let first = try #require(weights.layers[0])
        #expect(first.batchNorm == nil && first.biases.count == 16 && first.weights.count == 16 * 27)
        #expect(equal(first.biases[..<3], [0.0847694, 0.1106956, 0.0691876]))
        #expect(equal(first.weights[..<4], [-0.571791, -1.638665, -1.122874, -0.216069]))
    }

    @Test func `with batch normalisation`() throws {
        let first = try #require(try load("yolo-lite-voc-bn").layers[0])
        let batchNorm = try #require(first.batchNorm)
        #expect(equal(first.biases[..<3], [0.851281, -0.462852, -0.440914]))
        #expect(equal(batchNorm.scales[..<3], [0.793963, 0.879558, 0.820106]))
        #expect(equal(batchNorm.means[..<3], [-0.014078, 0.033678, 0.163633]))
        #expect(equal(batchNorm.variances[..<3], [0.153644, 0.009082, 0.022194]))
        #expect(equal(first.weights[..<3], [0.449732, 0.605097, -0.010908]))
    }

    @Test(arguments: [
        ("yolo-lite-voc", "yolo-lite-voc-bn"), ("yolo-lite-voc-bn", "yolo-lite-voc"),
        ("yolo-lite-coco", "yolo-lite-voc"),
    ])
    func `weights of another network are refused with both sizes`(name: String, cfg: String) throws {
        let error = #expect(throws: DarknetError.self) { try load(name, cfg: cfg) }
        #expect(error?.kind == .mismatch)
        let bytes = ["yolo-lite-voc": "2289284", "yolo-lite-voc-bn": "2296772", "yolo-lite-coco": "2597684"]
        for part in [name, cfg].compactMap({ bytes[$0] }) { #expect(error?.message.contains(part) == true) }
    }
}
