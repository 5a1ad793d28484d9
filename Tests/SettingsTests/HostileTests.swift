import Foundation
import TestSupport
import Testing

@testable import Settings

/// Whatever is in the file, reading it ends, with settings or with problems that have places in it.
@Suite struct HostileTests {
    private let desk: Desk

    init() throws { desk = try Desk() }

    @Test(arguments: 0..<4) func mutations(seed: UInt64) throws {
        let sample = Array(try SampleTests.shipped().replacing("/var/lib/lookout/yolov2-tiny", with: "tiny").utf8)
        var random = SplitMix64(seed: seed)
        for round in 0..<500 {
            var bytes = sample
            for _ in 0..<Int.random(in: 1...8, using: &random) { mutate(&bytes, &random) }
            let path = try desk.folder.write(bytes, to: "hostile.conf")
            do {
                _ = try ServiceSettings(contentsOf: path, environment: [:])
            } catch {
                let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                #expect(!error.problems.isEmpty)
                for problem in error.problems {
                    let line = problem.position?.line ?? 0
                    #expect((1...lines.count).contains(line), "seed \(seed), round \(round): \(problem)")
                    #expect(!problem.message.unicodeScalars.contains { $0.properties.generalCategory == .control })
                }
            }
        }
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        guard !bytes.isEmpty else { return }
        let index = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[index] = .random(in: 0...255, using: &random)
        case 1: bytes.remove(at: index)
        case 2: bytes.insert(Array("[]{}\"'=.#,\\\n\0u0_5".utf8).randomElement(using: &random) ?? 0, at: index)
        case 3: bytes.removeSubrange(index..<min(bytes.count, index + Int.random(in: 1...40, using: &random)))
        case 4:
            let end = min(bytes.count, index + Int.random(in: 1...200, using: &random))
            bytes.insert(contentsOf: bytes[index..<end], at: Int.random(in: 0..<bytes.count, using: &random))
        default:
            // A comment becomes what it says.
            if let mark = bytes[index...].firstIndex(of: UInt8(ascii: "#")) { bytes.remove(at: mark) }
        }
    }
}
