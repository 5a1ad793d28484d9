import Foundation

/// What a network's layers give on typical images, which int8 inference spreads its 256 steps over. A text file of
/// Lookout's own beside the weights, made by `lookout model quantize`:
///
///     lookout-int8 1
///     weights 15867885 0123456789abcdef
///     images 317
///     range 0 -0.5417 6.2031
///     range 2 ...
///     checksum 0123456789abcdef
///
/// The first line is the format and its version. `weights` says which it belongs to: how many numbers they are, and their
/// fingerprint (`WeightsFile.fingerprint`); `images` how many pictures it was made from. Each `range` has a convolution's number,
/// counted from 0 over all layers, and the least and the greatest of its results, the activation included; the last
/// convolution, whose results stay floats, has none. `checksum` is that of all bytes before its line, computed like the fingerprint.
public struct CalibrationTable: Hashable, Sendable {
    /// Which weights it belongs to.
    public struct Weights: Hashable, Sendable {
        public var count: Int
        public var fingerprint: UInt64

        public init(count: Int, fingerprint: UInt64) {
            self.count = count
            self.fingerprint = fingerprint
        }

        public init(of weights: WeightsFile) { self.init(count: weights.count, fingerprint: weights.fingerprint) }
    }

    public var weights: Weights
    public var imageCount: Int
    /// By the index of the convolution.
    public var ranges: [Int: ClosedRange<Float>]

    public init(weights: Weights, imageCount: Int, ranges: [Int: ClosedRange<Float>]) {
        self.weights = weights
        self.imageCount = imageCount
        self.ranges = ranges
    }

    // MARK: The file

    public func write(to path: String) throws(DarknetError) {
        var text = """
            lookout-int8 1
            weights \(weights.count) \(Self.hexadecimal(weights.fingerprint))
            images \(imageCount)

            """
        for (layer, range) in ranges.sorted(by: { $0.key < $1.key }) {
            text += "range \(layer) \(range.lowerBound) \(range.upperBound)\n"
        }
        try writeText(text + "checksum \(Self.hexadecimal(Self.checksum(text)))\n", to: path)
    }

    /// - Throws: `.cannotRead`, or `.malformed` with the line.
    public init(contentsOf path: String) throws(DarknetError) {
        let text = try readText(path)
        let failure = { (line: Int, message: String) in
            DarknetError(
                .malformed, file: path, line: line, message: "\(message); make it anew with lookout model quantize")
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.first == "lookout-int8 1" else {
            throw failure(1, "is no calibration of version 1 (\"lookout-int8 1\")")
        }
        var (weights, images, sum) = (Weights?.none, Int?.none, UInt64?.none)
        var ranges: [Int: ClosedRange<Float>] = [:]
        for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty {
            let words = line.split(separator: " ")
            let number = index + 1
            switch (words.first, words.count) {
            case ("weights", 3):
                guard let count = Int(words[1]), count >= 0, let hash = UInt64(words[2], radix: 16) else {
                    throw failure(number, "expected how many weights there are and their fingerprint")
                }
                weights = Weights(count: count, fingerprint: hash)
            case ("images", 2):
                images = Int(words[1])
            case ("range", 4):
                guard let layer = Int(words[1]), layer >= 0, let least = Float(words[2]),
                    let greatest = Float(words[3]),
                    least <= greatest, (greatest - least).isFinite, ranges[layer] == nil
                else { throw failure(number, "expected a layer, once, and the least and the greatest of its results") }
                ranges[layer] = least...greatest
            case ("checksum", 2):
                sum = UInt64(words[1], radix: 16)
                guard sum == Self.checksum(String(text[..<line.startIndex])),
                    lines[(index + 1)...].allSatisfy(\.isEmpty)
                else { throw failure(number, "was changed or damaged: the checksum is another") }
            default: throw failure(number, "\"\(line.prefix(40))\" is not part of a calibration")
            }
        }
        guard let weights, let images, sum != nil else {
            throw failure(lines.count, "is not whole: weights, images and checksum are needed")
        }
        self.init(weights: weights, imageCount: images, ranges: ranges)
    }

    /// - Throws: `.malformed` unless it was made for these weights.
    public func check(_ path: String, belongsTo weights: Weights, in weightsFile: String) throws(DarknetError) {
        guard self.weights == weights else {
            throw DarknetError(
                .malformed, file: path,
                message: "belongs to other weights than \(weightsFile); make it anew with lookout model quantize")
        }
    }

    /// - Throws: `.malformed` unless it has what `config` needs.
    public func check(_ path: String, fits config: NetworkConfig) throws(DarknetError) {
        var convolutions: [Int] = []
        for (index, layer) in config.layers.enumerated() {
            if case .convolutional = layer.kind { convolutions.append(index) }
        }
        guard Set(convolutions.dropLast()) == Set(ranges.keys) else {
            throw DarknetError(
                .malformed, file: path,
                message: "was made for another network than \(config.name); make it anew with lookout model quantize")
        }
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func checksum(_ text: String) -> UInt64 {
        var hash = Fingerprint()
        Array(text.utf8).withUnsafeBytes { hash.add($0) }
        return hash.value
    }
}

extension WeightsFile {
    /// Numbers of all layers.
    public var count: Int {
        layers.values.reduce(0) { $0 + $1.weights.count + $1.biases.count * ($1.batchNorm == nil ? 1 : 4) }
    }

    /// Tells weights apart, whatever file they came from.
    public var fingerprint: UInt64 {
        var hash = Fingerprint()
        for (_, layer) in layers.sorted(by: { $0.key < $1.key }) {
            let norm = layer.batchNorm
            for numbers in [layer.biases, norm?.scales ?? [], norm?.means ?? [], norm?.variances ?? [], layer.weights] {
                numbers.withUnsafeBytes { hash.add($0) }
            }
        }
        return hash.value
    }
}

/// FNV-1a over 64-bit words, little-endian, the last of each piece filled up with zeros, high bits folded into the low
/// ones after each: tells contents apart at the speed of the memory, and finds damage. No protection against intent.
package struct Fingerprint {
    package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    package init() {}

    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        let words = bytes.count / 8
        for index in 0..<words {
            add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)))
        }
        let rest = bytes[(words * 8)...]
        if !rest.isEmpty { add(rest.reversed().reduce(0) { $0 << 8 | UInt64($1) }) }
    }

    private mutating func add(_ word: UInt64) {
        value = (value ^ word) &* 0x0000_0100_0000_01b3
        value ^= value >> 32
    }
}
