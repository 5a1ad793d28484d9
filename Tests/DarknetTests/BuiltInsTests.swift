import Testing

@testable import Darknet

@Suite struct BuiltInsTests {
    @Test(arguments: NetworkConfig.builtInNames)
    func `every name gives a sound network that can be written`(name: String) throws {
        let config = try #require(NetworkConfig.builtIn(name))
        #expect(config.name == name)
        #expect(try config.shapes(width: config.net.width, height: config.net.height).count == config.layers.count)
        let again = try NetworkConfig(parsing: config.text(), file: "again.cfg")
        #expect(again.bare == config.bare)
        #expect(again.warnings.isEmpty)
    }

    @Test func `an unknown name gives nothing`() { #expect(NetworkConfig.builtIn("yolov3") == nil) }

    /// The network whose passthrough joins 3072 channels, with the schedule of yolo-voc.2.0.
    @Test func `the paper's network`() throws {
        let config = try #require(NetworkConfig.builtIn("yolov2-paper-voc"))
        #expect(try config.shapes(width: 416, height: 416)[27].output.channels == 3072)
        #expect(config.net.learningRate == 0.0001 && config.net.steps == [100, 25_000, 35_000])
        #expect(config.net.maxBatches == 45_000)
    }
}
