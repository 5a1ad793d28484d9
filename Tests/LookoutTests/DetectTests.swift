import Foundation
import TestSupport
import Testing

@Suite("lookout detect", .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct DetectTests {
    private let bench: Bench

    init() throws { bench = try Bench() }

    @Test func textForPeople() throws {
        // Square: nothing is added that would be brighter.
        let (white, black) = (
            try Clips.picture("white.png"), try Clips.picture("black.png", color: "black", size: "64x64")
        )
        let outcome = try bench.detect(white, black)
        #expect(outcome.code == 0)
        #expect(outcome.stderr == "")
        // 64x48 in a square: the box of half the square's side is half the picture's width, and a quarter of 64 high.
        #expect(
            outcome.text == """
                \(white): 64x48
                   98%  left 16 top 16 width 32 height 16  class 0
                \(black): 64x64, nothing found

                """)
    }

    @Test func oneObjectForPrograms() throws {
        let outcome = try bench.detect(
            "--json", Clips.picture("white.png"), Clips.picture("black.png", color: "black", size: "64x64"))
        let images = try #require(try outcome.json()["images"] as? [[String: Any]])
        #expect(images.map { $0["width"] as? Int } == [64, 64])
        let detections = try #require(images.first?["detections"] as? [[String: Any]])
        #expect(detections.count == 1)
        #expect(detections.first?["class"] as? String == "class 0")
        #expect(detections.first?["box"] as? [String: Double] == ["x": 16, "y": 16, "w": 32, "h": 16])
        #expect((images.last?["detections"] as? [Any])?.isEmpty == true)
    }

    @Test func anEmptyListIsStillAnObject() throws {
        let outcome = try bench.detect("--json", bench.file("none.jpg"))
        #expect(outcome.code == 66)
        #expect((try outcome.json()["images"] as? [Any])?.isEmpty == true)
    }

    @Test func annotatedPicturesKeepNameSizeAndFormat() throws {
        let (jpeg, png) = (try Clips.picture("white.jpg"), try Clips.picture("white.png"))
        let outcome = try bench.detect("--output", bench.file("out/deep"), jpeg, png, jpeg, try Clips.short())
        #expect(outcome.code == 0, "\(outcome)")
        let written = try FileManager.default.contentsOfDirectory(atPath: bench.file("out/deep")).sorted()
        let frames = (0..<Clips.shortFrames).map { String(format: "short-%06d.jpg", $0) }
        #expect(written == (frames + ["white-2.jpg", "white.jpg", "white.png"]).sorted())
        for (name, codec) in [("white.jpg", "mjpeg"), ("white.png", "png")] {
            let stream = try FFmpegTool.probe(
                bench.file("out/deep/\(name)"), "stream=codec_name,width,height", streams: "v")
            #expect(stream == [[codec, "64", "48"]])
        }
        // Something was drawn.
        let drawn = try FFmpegTool.ffmpeg([
            "-i", bench.file("out/deep/white.png"), "-f", "rawvideo", "-pix_fmt", "gray", "-",
        ])
        #expect(drawn.contains { $0 < 200 })
    }

    /// Each picture of a pattern keeps its own name.
    @Test func aPatternsPicturesKeepTheirNames() throws {
        let picture = try Data(contentsOf: URL(fileURLWithPath: Clips.picture("white.png")))
        for name in ["gate.png", "yard.png"] { try bench.folder.write(picture, to: name) }
        let outcome = try bench.detect("--json", "--output", bench.file("out"), bench.file("*.png"))
        let images = try #require(outcome.json()["images"] as? [[String: Any]])
        #expect(images.map { $0["image"] as? String } == [bench.file("gate.png"), bench.file("yard.png")])
        let written = try FileManager.default.contentsOfDirectory(atPath: bench.file("out")).sorted()
        #expect(written == ["gate.png", "yard.png"])
    }

    @Test func aClassifierTellsTheLikeliest() throws {
        let cfg = try bench.folder.write(TinyNetwork.classifierCfg.utf8, to: "c.cfg")
        let weights = try bench.folder.write(TinyNetwork.classifierWeights, to: "c.weights")
        let names = try bench.folder.write("night\nday\n".utf8, to: "c.names")
        let white = try Clips.picture("white.png")
        let model = [
            "detect", "--cfg", cfg, "--weights", weights, "--names", names, "--resize", "stretch", "--threads", "1",
        ]
        let both = try Tool(model + [white]).wait()
        // Logits -1 and 3 of white: sigmoid of their difference.
        #expect(both.text == "\(white): 64x48\n  98.20%  day\n   1.80%  night\n")
        let one = try Tool(model + ["--json", "--top", "1", Clips.picture("black.png", color: "black", size: "64x64")])
            .wait()
        let classes = try #require(
            (try one.json()["images"] as? [[String: Any]])?.first?["classes"] as? [[String: Any]])
        #expect(classes.map { $0["class"] as? String } == ["night"])
        #expect(classes.first?["confidence"] as? Double == 0.8808)
        #expect(try Tool(model + ["--output", bench.file("out"), white]).wait().code == 64)
        #expect(try Tool(["process", "--cfg", cfg, "--weights", weights, white]).wait().code == 65)
    }

    @Test func topIsForClassifiers() throws {
        let outcome = try bench.detect("--top", "3", Clips.picture("white.png"))
        #expect(outcome.code == 64)
        #expect(outcome.stderr.contains("--top is for classifiers"))
        #expect(try bench.detect("--top", "0", Clips.picture("white.png")).code == 64)
    }
}
