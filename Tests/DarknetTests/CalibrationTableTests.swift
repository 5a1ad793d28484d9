import Darknet
import Foundation
import TestSupport
import Testing

@Suite struct CalibrationTableTests {
    private let folder: TemporaryFolder
    private let path: String
    private let table = CalibrationTable(
        weights: .init(count: 123, fingerprint: 0xfeed), imageCount: 7, ranges: [0: -0.125...6.5, 12: 0...3])

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("net.int8")
        try table.write(to: path)
    }

    private func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test func comesBackAsItWas() throws {
        #expect(try CalibrationTable(contentsOf: path) == table)
        #expect(try text().hasPrefix("lookout-int8 1\nweights 123 000000000000feed\nimages 7\nrange 0 -0.125 6.5\n"))
    }

    @Test func noticesEveryChangedByte() throws {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        for index in bytes.indices.dropLast() {
            var changed = bytes
            changed[index] ^= 1
            try Data(changed).write(to: URL(fileURLWithPath: path))
            #expect(throws: DarknetError.self, "byte \(index)") { try CalibrationTable(contentsOf: path) }
        }
    }

    @Test func noticesThatItIsCutOff() throws {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        for count in 0..<bytes.count - 1 {
            try Data(bytes.prefix(count)).write(to: URL(fileURLWithPath: path))
            #expect(throws: DarknetError.self, "\(count) bytes") { try CalibrationTable(contentsOf: path) }
        }
    }

    @Test func saysWhereAndWhat() throws {
        try text().replacingOccurrences(of: "range 12 0.0", with: "range 12 nan").write(
            toFile: path, atomically: true, encoding: .utf8)
        let error = #expect(throws: DarknetError.self) { try CalibrationTable(contentsOf: path) }
        #expect(try #require(error).description.contains("net.int8:5"))
        #expect(try #require(error).description.contains("lookout model quantize"))
        try "lookout-int8 2\n".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: DarknetError.self) { try CalibrationTable(contentsOf: path) }
    }

    /// Lines of all kinds, whole tokens at a time: none may crash.
    @Test func refusesWhateverIsNoCalibration() throws {
        let tokens = [
            "lookout-int8 1", "weights", "images", "range", "checksum", " ", "", "-1", "1e39", "nan",
            "9999999999999999999", "0", "\u{FEFF}",
        ]
        var numbers = UniformNumbers(seed: 5)
        for _ in 0..<500 {
            let lines = (0..<4).map { _ in
                numbers.array(3) { $0 }.map { tokens[min(Int($0 * Float(tokens.count)), tokens.count - 1)] }.joined(
                    separator: " ")
            }
            try ("lookout-int8 1\n" + lines.joined(separator: "\n")).write(
                toFile: path, atomically: true, encoding: .utf8)
            #expect(throws: DarknetError.self, "\(lines)") { try CalibrationTable(contentsOf: path) }
        }
    }

    @Test func belongsToSomeWeights() throws {
        let config = try #require(NetworkConfig.builtIn("yolov2-tiny-voc"))
        var weights = try WeightsFile.random(for: config)
        let convolutions = config.layers.indices.filter {
            if case .convolutional = config.layers[$0].kind { true } else { false }
        }
        let ranges = Dictionary(uniqueKeysWithValues: convolutions.dropLast().map { ($0, Float(0)...1) })
        let mine = CalibrationTable(weights: .init(of: weights), imageCount: 1, ranges: ranges)
        #expect(mine.weights.count == 15_867_885)
        try mine.check(path, belongsTo: .init(of: weights), in: "w")
        try mine.check(path, fits: config)
        #expect(throws: DarknetError.self) { try table.check(path, belongsTo: .init(of: weights), in: "w") }
        var other = mine
        other.ranges[convolutions[0]] = nil
        #expect(throws: DarknetError.self) { try other.check(path, fits: config) }
        // One sign, and another beside it.
        weights.layers[0]?.weights[5].negate()
        #expect(throws: DarknetError.self) { try mine.check(path, belongsTo: .init(of: weights), in: "w") }
        weights.layers[0]?.weights[7].negate()
        #expect(throws: DarknetError.self) { try mine.check(path, belongsTo: .init(of: weights), in: "w") }
    }
}
