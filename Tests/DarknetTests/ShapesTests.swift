import Testing

@testable import Darknet

@Suite struct ShapesTests {
    private func builtIn(_ name: String) throws -> NetworkConfig { try #require(NetworkConfig.builtIn(name)) }

    /// C1.
    @Test(arguments: [
        (13, "size=3\nstride=1\npadding=1", 13), (13, "size=1\nstride=1\npad=1", 13),
        (224, "size=7\nstride=2\npadding=3", 112), (13, "size=3\nstride=2\npadding=1", 7),
    ])
    func convolution(side: Int, keys: String, expected: Int) throws {
        let text = "[net]\nwidth=\(side)\nheight=\(side)\nchannels=3\n[conv]\nfilters=5\n\(keys)"
        let config = try NetworkConfig(parsing: text, file: "c1.cfg")
        let shape = try config.shapes(width: side, height: side)[0]
        #expect(shape.input == TensorShape(channels: 3, height: side, width: side))
        #expect(shape.output == TensorShape(channels: 5, height: expected, width: expected))
    }

    /// C8's sizes: HEAD rounds up.
    @Test func `maxpool rounds up`() throws {
        let config = try NetworkConfig(layers: "[max]\nsize=2\nstride=2\n[max]\nsize=2\nstride=1")
        #expect(try config.shapes(width: 3, height: 3).map(\.output.width) == [2, 2])
        #expect(try config.shapes(width: 13, height: 4).map(\.output.width) == [7, 7])
    }

    /// C2.
    @Test func `yolov2-voc, square and wide`() throws {
        let config = try builtIn("yolov2-voc")
        let layers = [17, 25, 27, 28, 30]
        let square = try config.shapes(width: 416, height: 416)
        #expect(
            layers.map { square[$0].output.description } == [
                "13 x 13 x 512", "26 x 26 x 512", "13 x 13 x 256", "13 x 13 x 1280", "13 x 13 x 125",
            ])
        let wide = try config.shapes(width: 416, height: 256)
        #expect(
            layers.map { wide[$0].output.description } == [
                "13 x 8 x 512", "26 x 16 x 512", "13 x 8 x 256", "13 x 8 x 1280", "13 x 8 x 125",
            ])
        #expect(wide[28].input.description == "13 x 8 x 256")
    }

    /// C5.
    @Test func `candidates of one image`() throws {
        func candidates(_ name: String, _ side: Int) throws -> Int {
            let config = try builtIn(name)
            let grid = try #require(try config.shapes(width: side, height: side).last).output
            return grid.width * grid.height * (try #require(config.region)).count
        }
        for (side, expected) in [(288, 405), (320, 500), (416, 845), (544, 1445), (608, 1805)] {
            #expect(try candidates("yolov2-voc", side) == expected)
        }
        #expect(try candidates("yolo9000", 544) == 867)
    }

    @Test(arguments: [(400, 416), (416, 400), (415, 415), (33, 64), (16, 16)])
    func `the passthrough takes multiples of 32 only`(width: Int, height: Int) throws {
        let config = try builtIn("yolov2")
        let error = try #require(failure { () throws(DarknetError) in try config.shapes(width: width, height: height) })
        #expect(error.kind == .mismatch && error.message.contains("multiples of 32"), "\(error)")
    }

    @Test(arguments: [(0, 32), (-32, 32), (32, 1 << 40), (.max, .max), (16_384, 16_384)])
    func `an absurd size is refused`(width: Int, height: Int) throws {
        for name in ["yolov2", "yolov2-tiny", "darknet19"] {
            let config = try builtIn(name)
            let error = failure { () throws(DarknetError) in try config.shapes(width: width, height: height) }
            #expect(error?.kind == .mismatch)
        }
    }

    @Test func `without passthrough other sizes do`() throws {
        let shapes = try builtIn("yolov2-tiny").shapes(width: 100, height: 70)
        #expect(shapes.last?.output == TensorShape(channels: 425, height: 3, width: 4))
    }

    @Test func `reorg there and back`() throws {
        let config = try NetworkConfig(
            layers: "[conv]\nfilters=8\n[reorg]\nstride=2\n[reorg]\nstride=2\nreverse=1\n[reorg3d]\nstride=4")
        let outputs = try config.shapes(width: 64, height: 32).map(\.output)
        #expect(outputs[1] == TensorShape(channels: 32, height: 16, width: 32))
        #expect(outputs[2] == TensorShape(channels: 8, height: 32, width: 64))
        #expect(outputs[3] == TensorShape(channels: 128, height: 8, width: 16))
    }

    @Test func `layers made by hand are checked too`() {
        let routes = NetworkConfig(
            name: "hand", net: NetOptions(width: 32, height: 32), layers: [Layer(.route(Route([5])))])
        #expect(failure { () throws(DarknetError) in try routes.shapes(width: 32, height: 32) }?.kind == .malformed)
        let empty = NetworkConfig(
            name: "hand", net: NetOptions(width: 32, height: 32), layers: [Layer(.route(Route([])))])
        #expect(failure { () throws(DarknetError) in try empty.shapes(width: 32, height: 32) }?.kind == .malformed)
    }

    /// 60 growing layers in a row must end in an error, not in an overflow.
    @Test(arguments: [
        "[reorg]\nstride=1024\n", "[conv]\nstride=1024\npadding=1024\n", "[route]\nlayers=-1,-1\n",
        "[max]\nstride=1024\n",
    ])
    func `many strides do not overflow`(layer: String) throws {
        let text = "[conv]\n" + String(repeating: layer, count: 60)
        do {
            let config = try NetworkConfig(layers: text)
            #expect(config.layers.count == 61)
        } catch {
            #expect(error.message.isEmpty == false)
        }
    }
}
