import Darknet
import Foundation
import Neural
import TestSupport
import Testing

/// The reference implementation's own outputs.
@Suite(.enabled(if: TestData.available, TestData.skipMessage))
struct GoldenTests {
    static let sizes = ["224": (224, 224), "416": (416, 416), "416x256": (416, 256)]

    /// `IMAGE.MODEL.SIZE` of every golden output.
    static func cases() -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: TestData.path("golden"))
        return (names ?? []).filter { $0.hasSuffix(".net.f32") }.map { String($0.dropLast(8)) }.sorted()
    }

    @Test func everyGoldenOutputIsThere() { #expect(Self.cases().count == 34) }

    @Test(arguments: ["yolo-lite-voc", "yolo-lite-voc-bn", "yolo-lite-coco"], KernelPreference.allCases)
    func realModel(name: String, kernels: KernelPreference) throws {
        let config = try NetworkConfig(contentsOf: TestData.path("models/\(name).cfg"))
        let weights = try WeightsFile(contentsOf: TestData.path("models/\(name).weights"), for: config)
        try expectGolden(of: name, try Model(config: config, weights: weights), kernels)
    }

    @Test(arguments: ["yolov2-voc", "yolov2-tiny-voc", "yolov2-tiny"], KernelPreference.allCases)
    func officialArchitecture(name: String, kernels: KernelPreference) throws {
        let config = try NetworkConfig(contentsOf: TestData.path("darknet/\(name).cfg"))
        try expectGolden(of: "random-\(name)", try Model(config: config, weights: .reproducible(config)), kernels)
    }

    /// Compares all golden outputs of a model, at all their sizes.
    private func expectGolden(of name: String, _ model: Model, _ kernels: KernelPreference) throws {
        let cases = Self.cases().map { $0.split(separator: ".").map(String.init) }.filter { $0[1] == name }
        #expect(!cases.isEmpty)
        for (size, group) in Dictionary(grouping: cases, by: { $0[2] }) {
            let (width, height) = try #require(Self.sizes[size])
            let session = try Session(model: model, width: width, height: height, threads: 2, kernels: kernels)
            for image in group.map({ $0[0] }) {
                let actual = try session.run(TestData.floats("golden/\(image).\(size).input.f32"))
                let expected = try TestData.floats("golden/\(image).\(name).\(size).net.f32")
                #expect(relativeError(actual, expected) < 1e-3, "\(image).\(name).\(size)")
            }
        }
    }
}
