import Foundation
import TestSupport
import Testing

@Suite("lookout model") struct ModelInfoTests {
    /// Spec 3.3: GFLOP at the cfg's own size; bytes with a header of 16.
    static let official: [(name: String, gflop: Double, bytes: Int)] = [
        ("darknet19", 7.291, 83_427_120), ("darknet19_448", 22.328, 83_427_120), ("darknet9000", 25.707, 117_940_920),
        ("yolov2-voc", 29.360, 202_704_260), ("yolov2", 62.938, 203_934_260), ("yolov2-tiny-voc", 6.971, 63_471_556),
        ("yolov2-tiny", 5.406, 44_948_596), ("yolo9000", 49.062, 195_230_020),
    ]

    @Test(.enabled(if: TestData.available, TestData.skipMessage), arguments: official.map(\.name))
    func theReleasedNetworksCostWhatTheyShould(_ name: String) throws {
        let expected = try #require(Self.official.first { $0.name == name })
        let cfg = TestData.path("darknet/\(name).cfg")
        let json = try info(cfg, "--json").json()
        #expect(abs(try #require(json["gflop"] as? Double) - expected.gflop) < 0.0005)
        #expect(json["weights_bytes"] as? Int == expected.bytes)
        let text = try info("--cfg", cfg).text
        #expect(text.contains(String(format: "\n%.3f GFLOP an image", expected.gflop)))
        #expect(text.contains("weights file \(expected.bytes) bytes"))
        #expect(try info(name, "--json").stdout == info(cfg, "--json").stdout)
    }

    private func info(_ arguments: String...) throws -> Tool.Outcome { try Tool(["model", "info"] + arguments).wait() }

    @Test func builtInNetworksAreListedAndEachHasATable() throws {
        let lines = try Tool.run("model", "list").lines
        #expect(lines.first?.hasPrefix("NAME ") == true)
        let names = lines.dropFirst().compactMap { $0.split(separator: " ").first.map(String.init) }
        #expect(names.count == 12 && names.prefix(2) == ["lookout-demo", "lookout-street"])
        for name in names {
            let outcome = try info(name)
            #expect(outcome.code == 0, "\(outcome)")
            #expect(outcome.lines.first?.hasPrefix("\(name) at ") == true)
            let layers = outcome.lines.count { $0.contains(" -> ") }
            let json = try info(name, "--json").json()
            #expect((json["layers"] as? [Any])?.count == layers)
        }
    }

    @Test func theSizeIsAChoice() throws {
        let (whole, quarter) = (
            try info("yolov2-voc", "--json").json(), try info("yolov2-voc", "--size", "224x192", "--json").json()
        )
        #expect(quarter["width"] as? Int == 224)
        #expect(quarter["height"] as? Int == 192)
        let ratio = try #require(whole["gflop"] as? Double) / #require(quarter["gflop"] as? Double)
        #expect(abs(ratio - 169.0 / 42) < 0.001)
    }

    @Test func weightsAreChecked() throws {
        let bench = try Bench()
        let (cfg, weights) = (bench.file("tiny.cfg"), bench.file("tiny.weights"))
        let fits = try info(cfg, "--weights", weights)
        #expect(fits.code == 0)
        #expect(fits.text.contains("56 floats, 56 trainable; weights file 244 bytes (version 0.2.0, 0 images seen)"))
        #expect(try info("yolov2", "--weights", weights).code == 65)
        #expect(try info("nosuch").code == 66)
        #expect(try info(bench.file("none.cfg")).code == 66)
    }

    @Test func modelsHaveTheirWeightsWithThem() throws {
        let outcome = try info("--model", "lookout-demo")
        #expect(outcome.code == 0)
        #expect(outcome.text.contains("80000 images seen"), "\(outcome)")
        #expect(try info("--model", "lookout-demo", "yolov2").code == 64)
        #expect(try info("--model", "lookot-demo").stderr.contains("did you mean \"lookout-demo\"?"))
    }

    @Test func aWrittenCfgIsTheSameNetwork() throws {
        let folder = try TemporaryFolder()
        for name in ["yolov2", "yolo9000", "darknet19"] {
            let path = folder.file(name + ".cfg")
            #expect(try info(name, "--write-cfg", path).code == 0)
            #expect(try info(path, "--json").stdout == info(name, "--json").stdout)
            #expect(try info(path, "--write-cfg", "-").stdout == Data(contentsOf: URL(fileURLWithPath: path)))
        }
    }
}
