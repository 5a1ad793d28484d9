import TestSupport
import Testing

@testable import Darknet

/// The released cfgs against the figures of spec 1.6, 3.1 to 3.3 and checks C2 to C5.
@Suite(.enabled(if: TestData.available, TestData.skipMessage)) struct OfficialConfigTests {
    private func official(_ name: String) throws -> NetworkConfig {
        try NetworkConfig(contentsOf: TestData.path("darknet/\(name).cfg"))
    }

    @Test(arguments: officialNames)
    func `the built-in equals the released cfg`(name: String) throws {
        let config = try official(name)
        let builtIn = try #require(NetworkConfig.builtIn(name))
        #expect(builtIn.net == config.net)
        #expect(builtIn.bare.layers == config.bare.layers)
        #expect(config.name == name && builtIn.name == name)
        // yolo9000.cfg gives batch and subdivisions twice; nothing else is odd in these files.
        #expect(config.warnings.count == (name == "yolo9000" ? 2 : 0), "\(config.warnings)")
    }

    @Test(arguments: officialNames)
    func `writing and reading keeps the network`(name: String) throws {
        let config = try official(name)
        #expect(try NetworkConfig(parsing: config.text(), file: "again").bare == config.bare)
    }

    @Test func `training values of the released cfgs`() throws {
        let tiny = try official("yolov2-tiny-voc")
        #expect(tiny.net.steps == [-1, 100, 20_000, 30_000] && tiny.net.scales == [0.1, 10, 0.1, 0.1])
        #expect(tiny.net.maxBatches == 40_200 && tiny.net.burnIn == 0 && tiny.net.policy == .steps)
        let region = try #require(tiny.region)
        #expect(region.jitter == 0.2 && region.rescore && region.thresh == 0.6 && region.objectScale == 5)
        let yolo9000 = try official("yolo9000")
        #expect(yolo9000.net.saturation == 0.75 && yolo9000.net.width == 544)
        #expect(yolo9000.region?.treeFile == "data/9k.tree" && yolo9000.region?.mapFile == "data/coco9k.map")
        let darknet19 = try official("darknet19")
        #expect(darknet19.net.minCrop == 128 && darknet19.net.maxCrop == 448 && darknet19.net.maxRatio == 1.75)
        #expect(darknet19.classCount == 1000 && darknet19.region == nil)
        #expect(yolo9000.classCount == 9418)
    }

    @Test(arguments: ["yolo-lite-voc", "yolo-lite-voc-bn", "yolo-lite-coco"])
    func `the small models' cfgs are plain`(name: String) throws {
        let config = try NetworkConfig(contentsOf: TestData.path("models/\(name).cfg"))
        #expect(config.warnings.isEmpty, "\(config.warnings)")
        let flops = try config.flops(width: 224, height: 224).reduce(0, +)
        let expected = name == "yolo-lite-coco" ? 0.4875 : 0.480
        #expect(abs(Double(flops) / 1e9 - expected) < 0.0006)
        #expect(config.net.batch == 64 && config.net.miniBatch == (name == "yolo-lite-coco" ? 4 : 2))
    }
}
