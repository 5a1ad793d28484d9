import Testing

@testable import Darknet

/// A network made to measure for a data set.
@Suite struct TailoringTests {
    @Test func `the last convolution follows the region`() throws {
        let config = try #require(NetworkConfig.builtIn("yolov2-tiny"))
        let made = try config.tailored(
            classes: 3, anchors: [1, 2, 3.5, 4], side: (width: 416, height: 256), iterations: 4000)
        let read = try NetworkConfig(parsing: made.text(), file: "made.cfg")
        #expect(read.warnings == [])
        let region = try #require(read.region)
        #expect(region.classes == 3 && region.count == 2 && region.anchors == [1, 2, 3.5, 4])
        #expect(
            try read.shapes(width: 416, height: 256).last?.output == TensorShape(channels: 16, height: 8, width: 13))
        #expect(read.net.width == 416 && read.net.height == 256 && !region.random)
        #expect(read.net.maxBatches == 4000 && read.net.steps == [3200, 3600] && read.net.burnIn == 400)
    }

    @Test func `what is not given stays`() throws {
        var config = try #require(NetworkConfig.builtIn("yolov2-voc"))
        (config.net.batch, config.net.subdivisions) = (32, 4)
        #expect(try config.tailored() == config)
        config.net.batch = 1
        #expect(try config.tailored().net.miniBatch == 8)
    }

    @Test func classifiers() throws {
        let config = try #require(NetworkConfig.builtIn("darknet19"))
        #expect(try config.tailored(classes: 7).classCount == 7)
        #expect(throws: DarknetError.self) { try config.tailored(anchors: [1, 1]) }
    }

    @Test(arguments: [[], [1], [1, 0], [1, -1], [1, .infinity], [1, .nan]] as [[Float]])
    func `anchors that no network can have`(_ anchors: [Float]) throws {
        let config = try #require(NetworkConfig.builtIn("yolov2-tiny"))
        #expect(throws: DarknetError.self) { try config.tailored(anchors: anchors) }
    }

    @Test func `numbers that no network can have`() throws {
        let config = try #require(NetworkConfig.builtIn("yolov2"))
        #expect(throws: DarknetError.self) { try config.tailored(classes: 0) }
        #expect(throws: DarknetError.self) { try config.tailored(classes: .max) }
        #expect(throws: DarknetError.self) { try config.tailored(iterations: 0) }
        #expect(throws: DarknetError.self) { try config.tailored(side: (width: 40, height: 416)) }
    }
}
