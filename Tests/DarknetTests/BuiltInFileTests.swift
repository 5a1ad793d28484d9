import Foundation
import Testing

@testable import Darknet

@Suite struct BuiltInFileTests {
    private let cfg = "builtin:lookout-demo.cfg"
    private let weights = "builtin:lookout-demo.weights"

    @Test func areReadAsFilesAre() throws {
        let config = try NetworkConfig(contentsOf: cfg)
        #expect(config.name == "lookout-demo" && config.region != nil && config.warnings.isEmpty)
        try WeightsFile.checkSize(of: weights, for: config)
        let whole = try WeightsFile(contentsOf: weights, for: config)
        #expect(whole.layers.count == config.layers.count { if case .convolutional = $0.kind { true } else { false } })
        let names = try ClassNames(contentsOf: "builtin:lookout-demo.names")
        #expect(names.names == ["person", "cyclist", "car", "van", "dog"])
        #expect(config.classCount == names.names.count)
    }

    /// The bytes are those of the file in the sources, also across several reads.
    @Test func bytes() throws {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../Sources/CModels/files/lookout-demo.weights")
        let data = try [UInt8](Data(contentsOf: source.standardizedFileURL))
        let file = try InputFile(weights)
        #expect(file.byteCount == data.count)
        let (first, rest) = (try file.read(3, of: UInt8.self), try file.read(data.count - 3, of: UInt8.self))
        #expect(first + rest == data)
        let error = #expect(throws: DarknetError.self) { try file.read(1, of: UInt8.self) }
        #expect(error?.kind == .cannotRead)
    }

    @Test(arguments: NetworkConfig.builtInNames) func networksAreReadAsCfgs(name: String) throws {
        #expect(try NetworkConfig(contentsOf: "builtin:\(name).cfg") == NetworkConfig.builtIn(name))
        #expect(InputFile.exists("builtin:\(name).cfg") && !InputFile.exists("builtin:\(name)"))
        #expect(BuiltInFile.cfg(of: name) == "builtin:\(name).cfg")
    }

    @Test func everyCfgIsListed() {
        #expect(BuiltInFile.cfgNames == NetworkConfig.builtInNames + ["lookout-demo"])
        #expect(BuiltInFile.cfgNames.allSatisfy { BuiltInFile.cfg(of: $0) != nil })
    }

    @Test func unknownOnes() {
        #expect(BuiltInFile.cfg(of: "yolov3") == nil && BuiltInFile.cfg(of: "lookout-demo") == cfg)
        let error = #expect(throws: DarknetError.self) { try NetworkConfig(contentsOf: "builtin:lookout-demo.cfgs") }
        #expect(error?.kind == .cannotRead)
        #expect(error?.message.contains("built in are lookout-demo.cfg, ") == true)
        #expect(error?.message.hasSuffix("did you mean \"lookout-demo.cfg\"?") == true)
        #expect(!InputFile.exists("builtin:") && !InputFile.exists("builtin:x") && InputFile.exists(cfg))
        #expect(InputFile.exists("/etc") && !InputFile.exists("/nowhere"))
    }
}
