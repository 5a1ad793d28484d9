import CModels
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

    /// Carried in half precision, and a Darknet file to whoever reads it.
    @Test func halvesAreReadInFull() throws {
        let config = try NetworkConfig(contentsOf: "builtin:lookout-street.cfg")
        let file = try InputFile("builtin:lookout-street.weights")
        let stored = try config.parameterCount().stored
        #expect(file.byteCount == 20 + 4 * stored)
        #expect(try file.read(3, of: Int32.self) == [0, 2, 0])
        #expect(try file.read(1, of: UInt64.self) == [304_000])
        let numbers = try file.read(stored, of: Float.self)
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../Sources/CModels/files/lookout-street.weights.half")
        let halves = try [UInt8](Data(contentsOf: source.standardizedFileURL)).dropFirst(20)
        for index in stride(from: 0, to: stored, by: 1009) {
            let place = halves.startIndex + 2 * index
            let bits = UInt16(halves[place]) | UInt16(halves[place + 1]) << 8
            #expect(numbers[index] == Float(Float16(bitPattern: bits)), "number \(index)")
        }
        let names = try ClassNames(contentsOf: "builtin:lookout-street.names").names
        #expect(names.count == config.classCount && names.first == "person")
    }

    @Test(
        arguments: [
            (0x0000, 0), (0x3C00, 1), (0xC000, -2), (0x0001, 0x1p-24), (0x03FF, 0x3FFp-24), (0x0400, 0x1p-14),
            (0x7BFF, 65504), (0x3555, 0.333251953125),
        ] as [(UInt16, Float)])
    func halvesAreExact(bits: UInt16, value: Float) {
        var bytes = [UInt8](repeating: 0, count: 4)
        lk_floats_from_halves([UInt8(truncatingIfNeeded: bits), UInt8(bits >> 8)], 1, &bytes)
        let got = Float(bitPattern: bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
        #expect(got == value)
    }

    @Test(arguments: NetworkConfig.builtInNames) func networksAreReadAsCfgs(name: String) throws {
        #expect(try NetworkConfig(contentsOf: "builtin:\(name).cfg") == NetworkConfig.builtIn(name))
        #expect(InputFile.exists("builtin:\(name).cfg") && !InputFile.exists("builtin:\(name)"))
        #expect(BuiltInFile.cfg(of: name) == "builtin:\(name).cfg")
    }

    @Test func everyCfgIsListed() {
        #expect(BuiltInFile.cfgNames == NetworkConfig.builtInNames + ["lookout-demo", "lookout-street"])
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
