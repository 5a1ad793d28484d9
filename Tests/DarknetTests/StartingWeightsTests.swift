import Foundation
import TestSupport
import Testing

@testable import Darknet

@Suite struct StartingWeightsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func config(classes: Int, middle: Int = 8) throws -> NetworkConfig {
        try NetworkConfig(
            parsing: """
                [net]
                width=32
                height=32
                channels=3
                [convolutional]
                batch_normalize=1
                filters=4
                size=3
                pad=1
                [convolutional]
                filters=\(middle)
                size=1
                [convolutional]
                filters=\(2 * (5 + classes))
                size=1
                [region]
                num=2
                anchors=1,1,2,2
                classes=\(classes)
                """, file: "\(classes).cfg")
    }

    private func weights(_ config: NetworkConfig, cutoff: Int? = nil) throws -> String {
        let path = folder.file("\(config.name)-\(cutoff ?? 0).weights")
        try WeightsFile.random(for: config).write(to: path, for: config, cutoff: cutoff)
        return path
    }

    @Test func allOfThemAndABackbone() throws {
        let config = try config(classes: 3)
        let whole = try WeightsFile(startingFrom: try weights(config), for: config)
        #expect(whole.extent == .whole && whole.layers.count == 3)
        for cutoff in 1...2 {
            let part = try WeightsFile(startingFrom: try weights(config, cutoff: cutoff), for: config)
            #expect(part.extent == .partial && part.layers.count == cutoff)
        }
    }

    @Test(arguments: [1, 2, 4, 80]) func ofOtherClassesAllButTheHead(_ classes: Int) throws {
        let (config, other) = (try config(classes: 3), try config(classes: classes))
        let taken = try WeightsFile(startingFrom: try weights(other), for: config)
        #expect(taken.extent == .partial && taken.layers.keys.sorted() == [0, 1])
        #expect(taken.layers[1] == (try WeightsFile.random(for: other)).layers[1])
    }

    @Test func anotherNetworkIsRefused() throws {
        let path = try weights(try config(classes: 3, middle: 6))
        let config = try config(classes: 3)
        #expect { try WeightsFile(startingFrom: path, for: config) } throws: { error in
            (error as? DarknetError)?.kind == .mismatch && "\(error)".contains("lookout model partial")
        }
        try folder.write([1, 2, 3], to: "short.weights")
        #expect(throws: DarknetError.self) {
            try WeightsFile(startingFrom: folder.file("short.weights"), for: config)
        }
    }
}
