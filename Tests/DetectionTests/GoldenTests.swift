import Detection
import TestSupport
import Testing

/// From picture to detections, against the reference implementation's own.
@Suite(.enabled(if: TestData.available, TestData.skipMessage))
struct GoldenTests {
    static let realModels = ["yolo-lite-voc", "yolo-lite-voc-bn", "yolo-lite-coco"]
    /// The official architectures with reproducible weights.
    static let randomModels = ["random-yolov2-tiny-voc", "random-yolov2-tiny", "random-yolov2-voc"]

    @Test func everyCaseIsThere() {
        #expect(Self.realModels.map { Golden.cases(of: $0).count } == [10, 10, 10])
        #expect(Self.randomModels.map { Golden.cases(of: $0).count } == [1, 1, 2])
        #expect(Golden.inputs().count == 11)
    }

    /// The reference resampler and the reference's pixels: the same detections.
    @Test(arguments: realModels + randomModels)
    func sameDetections(model: String) throws {
        for (golden, detectors) in try Self.detectors(model) {
            let expected = try Golden.Detections(golden.name)
            let detector = try detectors(expected)
            let input = InputImage(width: detector.width, height: detector.height)
            let image = try RGBImage(Golden.frame("images/\(golden.image).png"))
            ReferenceResampler.prepare(image, into: input, mode: .letterbox)
            let found = try detector.detect(input)
            #expect(!expected.detections.isEmpty)
            // What stands at the threshold may fall on either side of it.
            let sure = expected.threshold + 0.002
            for row in expected.detections where row.confidence > sure {
                let isFound = found.contains { expected.equal($0, row) }
                #expect(isFound, "\(golden.name): missing \(row)")
            }
            for detection in found where detection.confidence > sure {
                let isExpected = expected.detections.contains { expected.equal(detection, $0) }
                #expect(isExpected, "\(golden.name): additional \(detection)")
            }
        }
    }

    /// What the product does to frames, be they RGB or YUV that another JPEG decoder made: nearly the same. (Networks of
    /// random weights turn a difference of one grey level into another answer: they see the same pixels only.)
    @Test(arguments: realModels.flatMap { [($0, "png"), ($0, "jpg")] } + randomModels.map { ($0, "png") })
    func preparedFrames(model: String, kind: String) throws {
        for (golden, detectors) in try Self.detectors(model) {
            let expected = try Golden.Detections(golden.name)
            let detector = try detectors(expected)
            let input = InputImage(width: detector.width, height: detector.height)
            try Preprocessor(mode: .letterbox).prepare(Golden.frame("images/\(golden.image).\(kind)"), into: input)
            let found = try detector.detect(input)
            for row in expected.detections where row.confidence > 0.3 {
                let same = found.contains {
                    $0.classID == row.classId && abs($0.confidence - row.confidence) <= 0.05
                        && $0.box.intersectionOverUnion(row.box) >= 0.9
                }
                #expect(same, "\(golden.name): missing \(row)")
            }
        }
    }

    /// The cases of a model, each with what makes its detector.
    private static func detectors(
        _ model: String
    ) throws -> [(Golden.Case, (Golden.Detections) throws -> Detector)] {
        let network = try Golden.network(model)
        return try Golden.cases(of: model).map { golden in
            let (width, height) = try #require(Golden.sizes[golden.size])
            return (
                golden,
                { expected in
                    let options = DetectionOptions(threshold: expected.threshold, nmsThreshold: expected.nms)
                    return try Detector(network, width: width, height: height, threads: 2, options: options)
                }
            )
        }
    }
}

extension Golden.Detections {
    /// The same class, confidence and, to half a pixel of the picture, box.
    func equal(_ detection: Detection, _ row: Row) -> Bool {
        // Random weights give boxes of a hundred pictures' width.
        let near = { (a: Float, b: Float, side: Float, pixels: Int) in
            abs(a - b) * Float(pixels) <= max(0.5, 5e-4 * side * Float(pixels))
        }
        return detection.classID == row.classId && abs(detection.confidence - row.confidence) <= 0.002
            && near(detection.box.x, row.cx, row.w, imageWidth) && near(detection.box.width, row.w, row.w, imageWidth)
            && near(detection.box.y, row.cy, row.h, imageHeight)
            && near(detection.box.height, row.h, row.h, imageHeight)
    }
}
