import Darknet
import Detection
import Media
import TestSupport
import Testing

/// Int8 beside fp32 on real models and pictures.
@Suite(.enabled(if: TestData.available, TestData.skipMessage))
struct QuantizerTests {
    @Test(arguments: ["yolo-lite-voc", "yolo-lite-voc-bn", "yolo-lite-coco"])
    func findsTheSame(name: String) throws {
        let files = NetworkFiles(weights: TestData.path("models/\(name).weights"))
        let quantizer = try Quantizer(files, width: 416, height: 416, resize: .letterbox, threads: 2)
        for image in ["dog", "eagle", "giraffe", "horses", "person"] {
            let source = try VideoSource(TestData.path("images/\(image).jpg"))
            while let item = try source.next() {
                if case .frame(let frame) = item { try quantizer.add(frame) }
            }
        }
        #expect(quantizer.imageCount == 5)
        let comparison = try quantizer.comparison(quantizer.table())
        #expect(comparison.imageCount >= 3)
        #expect(comparison.signalToNoise > 22)
        #expect(comparison.exactCount > 10)
        #expect(comparison.matchedCount * 10 >= max(comparison.exactCount, comparison.coarseCount) * 9)
        #expect(comparison.meanConfidenceDifference < 0.04)
    }

    @Test func needsPictures() throws {
        let files = NetworkFiles(weights: TestData.path("models/yolo-lite-voc.weights"))
        let quantizer = try Quantizer(files, width: 224, height: 224, resize: .stretch, threads: 1)
        #expect(throws: DetectionError.self) { try quantizer.table() }
    }
}
