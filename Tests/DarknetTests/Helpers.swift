import Foundation
import TestSupport
import Testing

@testable import Darknet

extension NetworkConfig {
    /// Only what the network is: without name, file, lines and warnings.
    var bare: NetworkConfig {
        var config = NetworkConfig(name: "", net: net, layers: layers)
        for index in config.layers.indices { config.layers[index].line = 0 }
        return config
    }

    /// A cfg of these lines behind a [net] of 64 x 64 x 3.
    init(layers text: String) throws(DarknetError) {
        try self.init(parsing: "[net]\nwidth=64\nheight=64\nchannels=3\n" + text, file: "test.cfg")
    }
}

/// The error that `body` throws.
func failure<Value>(_ body: () throws(DarknetError) -> Value) -> DarknetError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error
    }
}

/// The official cfgs of the test data.
let officialNames = [
    "darknet19", "darknet19_448", "darknet9000", "yolo9000", "yolov2", "yolov2-tiny", "yolov2-tiny-voc", "yolov2-voc",
]

extension TemporaryFolder {
    /// The names of the files in it.
    func entries() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}
