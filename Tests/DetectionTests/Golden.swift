import Darknet
import Foundation
import Media
import Neural
import TestSupport
import Testing

@testable import Detection

/// The golden data: the reference implementation's inputs and detections.
enum Golden {
    static let sizes = ["224": (224, 224), "416": (416, 416), "416x256": (416, 256)]

    struct Input: Sendable, CustomTestStringConvertible {
        var image: String
        var size: String
        var width: Int
        var height: Int

        var testDescription: String { "\(image).\(size)" }

        func largestError(of input: InputImage) throws -> Float {
            let expected = try TestData.floats("golden/\(testDescription).input.f32")
            try #require(expected.count == input.values.count)
            return zip(input.values, expected).map { abs($0 - $1) }.max() ?? .infinity
        }
    }

    /// `IMAGE.SIZE` of every golden input.
    static func inputs() -> [Input] {
        files(".input.f32").compactMap { parts in
            sizes[parts[1]].map { Input(image: parts[0], size: parts[1], width: $0.0, height: $0.1) }
        }
    }

    /// One golden list of detections.
    struct Case: Sendable {
        var image: String
        var model: String
        var size: String

        var name: String { "\(image).\(model).\(size)" }
    }

    static func cases(of model: String) -> [Case] {
        files(".json").filter { $0[1] == model }.map { Case(image: $0[0], model: $0[1], size: $0[2]) }
    }

    /// The parts of the names that end in `suffix`.
    private static func files(_ suffix: String) -> [[String]] {
        guard TestData.available else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: TestData.path("golden"))
                .filter { $0.hasSuffix(suffix) }.sorted()
                .map { $0.dropLast(suffix.count).split(separator: ".").map(String.init) }
        } catch {
            Issue.record(error)
            return []
        }
    }

    /// What a golden `.json` says.
    struct Detections: Decodable {
        struct Row: Decodable {
            var classId: Int
            var confidence: Float
            var cx: Float
            var cy: Float
            var w: Float
            var h: Float

            var box: Box { Box(x: cx, y: cy, width: w, height: h) }
        }

        var imageWidth: Int
        var imageHeight: Int
        var threshold: Float
        var nms: Float
        var detections: [Row]

        init(_ name: String) throws {
            let text = try TestData.text("golden/\(name).json")
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            self = try decoder.decode(Self.self, from: Data(text.utf8))
        }
    }

    /// A still of the data folder.
    static func frame(_ path: String) throws -> Frame {
        let source = try VideoSource(TestData.path(path), decoderThreads: 1)
        while let item = try source.next() {
            if case .frame(let frame) = item { return frame }
        }
        throw DetectionError("\(path) holds no picture")
    }

    /// A model of `models/`, or `random-NAME`: an official architecture with the reproducible weights.
    static func network(_ model: String) throws -> LoadedNetwork {
        guard model.hasPrefix("random-") else {
            return try NetworkFiles(weights: TestData.path("models/\(model).weights")).load()
        }
        let config = try NetworkConfig(contentsOf: TestData.path("darknet/\(model.dropFirst(7)).cfg"))
        return LoadedNetwork(
            model: try Model(config: config, weights: .reproducible(config)),
            names: ClassNames((0..<(config.classCount ?? 0)).map { "class \($0)" }),
            decoder: try config.region.map { try RegionDecoder(region: $0) }, tree: nil, arithmetic: nil)
    }
}

/// Fails unless the box is (x, y, width, height) to 1e-5.
func expectClose(
    _ box: Box, _ expected: (Float, Float, Float, Float), sourceLocation: SourceLocation = #_sourceLocation
) {
    let differences = [
        box.x - expected.0, box.y - expected.1, box.width - expected.2, box.height - expected.3,
    ]
    #expect(differences.allSatisfy { abs($0) < 1e-5 }, "\(box)", sourceLocation: sourceLocation)
}
