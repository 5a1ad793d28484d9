import TestSupport
import Testing

@testable import Darknet

/// Damaged files end in a `DarknetError` or are read: never in a crash, a hang or a huge allocation.
@Suite struct HostileInputTests {
    private static let cfg = """
        [net]
        width=64
        height=64
        channels=3
        policy=steps
        steps=10,20
        scales=.1,.1
        [convolutional]
        filters=8
        size=3
        pad=1
        batch_normalize=1
        activation=leaky
        [maxpool]
        size=2
        stride=2
        [reorg]
        stride=2
        [route]
        layers=-1,-1
        [conv]
        groups=2
        filters=14
        [region]
        anchors=1,2,3,4
        num=2
        classes=2
        """

    /// One of: bits flipped, cut off, lines exchanged, a line doubled, a number made large.
    private static func mutate(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var result = bytes
        var lines: [ArraySlice<UInt8>] { result.split(separator: 10, omittingEmptySubsequences: false) }
        switch Int.random(in: 0..<5, using: &random) {
        case 0:
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                result[Int.random(in: result.indices, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
        case 1: result.removeLast(Int.random(in: 0...result.count, using: &random))
        case 2: result = Array(lines.shuffled(using: &random).joined(separator: [10]))
        case 3:
            var copy = lines
            copy.append(copy[Int.random(in: copy.indices, using: &random)])
            result = Array(copy.joined(separator: [10]))
        default:
            let place = Int.random(in: result.indices, using: &random)
            let numbers = ["99999999999", "-1", "2147483647", "0", "1e38", "1048576", ",", "=", "[", "-2147483648"]
            result.replaceSubrange(
                place..<place, with: Array(numbers[Int.random(in: numbers.indices, using: &random)].utf8))
        }
        return result
    }

    /// Runs `parse` on many mutations of a file; errors are `DarknetError`s by type. Returns how many were refused.
    private func refused(
        _ seed: [UInt8], count: Int = 400, parse: (String) throws(DarknetError) -> Void
    ) throws -> Int {
        let folder = try TemporaryFolder()
        var random = SplitMix64(seed: 1)
        var refused = 0
        for _ in 0..<count {
            var bytes = Self.mutate(seed, &random)
            if Bool.random(using: &random), !bytes.isEmpty { bytes = Self.mutate(bytes, &random) }
            let path = try folder.write(bytes, to: "mutated")
            do {
                try parse(path)
            } catch {
                #expect(!error.message.isEmpty && error.description.hasPrefix(path))
                refused += 1
            }
        }
        return refused
    }

    @Test func cfg() throws {
        let refused = try refused(Array(Self.cfg.utf8), count: 1000) { path throws(DarknetError) in
            let config = try NetworkConfig(contentsOf: path)
            _ = try config.flops(width: config.net.width, height: config.net.height)
            _ = try config.parameterCount()
            let again = try NetworkConfig(parsing: config.text(), file: path)
            #expect(again.bare == config.bare)
        }
        #expect((100..<1000).contains(refused))
    }

    @Test func weights() throws {
        let config = try NetworkConfig(parsing: Self.cfg, file: "seed.cfg")
        let floats = try config.parameterCount().stored
        let bytes = [UInt8](repeating: 0, count: 4) + [2, 0, 0, 0] + [UInt8](repeating: 0, count: 12 + 4 * floats)
        let refused = try refused(bytes) { path throws(DarknetError) in
            let weights = try WeightsFile(contentsOf: path, for: config, allowPartial: true)
            #expect(weights.layers.count <= 2)
        }
        #expect((100..<400).contains(refused))
    }

    @Test func names() throws {
        let seed = Array(ClassNames.coco.text().utf8)
        let refused = try refused(seed) { path throws(DarknetError) in
            let names = try ClassNames(contentsOf: path)
            #expect(try ClassNames(parsing: names.text(), file: path) == names)
        }
        #expect((10..<400).contains(refused))
    }

    @Test func maps() throws {
        let refused = try refused(Array(ClassMap.cocoCategoryIDs.text().utf8)) { path throws(DarknetError) in
            #expect(try ClassMap(contentsOf: path).values.allSatisfy { $0 >= 0 })
        }
        #expect((10..<400).contains(refused))
    }

    @Test func trees() throws {
        let text = "a -1\nb -1\nc 0\nd 0\ne 0\nf 1\ng 1\nh 3\ni 3\n"
        let refused = try refused(Array(text.utf8)) { path throws(DarknetError) in
            let tree = try WordTree(contentsOf: path)
            #expect(tree.groups.map(\.size).reduce(0, +) == tree.count)
            #expect(tree.parents.enumerated().allSatisfy { $0.element < $0.offset })
        }
        #expect((10..<400).contains(refused))
    }

    @Test func dataFiles() throws {
        let text =
            "classes=20\ntrain=/data/train.txt\nvalid=v\nnames=data/voc.names\nbackup=b\neval=coco\ntop=5\ntag=1\n"
        let refused = try refused(Array(text.utf8)) { path throws(DarknetError) in
            let data = try DataFile(contentsOf: path)
            #expect(data.top >= 1 && data.classes ?? 1 >= 1)
        }
        #expect((10..<400).contains(refused))
    }
}
