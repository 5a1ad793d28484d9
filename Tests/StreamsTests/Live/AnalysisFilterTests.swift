import Detection
import Testing

@testable import Streams

@Suite struct AnalysisFilterTests {
    private let names = ["person", "car", "dog"]

    private func kept(_ change: (inout AnalysisSettings) -> Void) -> (AnalysisFilter, [String]) {
        var settings = AnalysisSettings(network: NetworkFiles())
        settings.detection.threshold = 0.3
        change(&settings)
        let filter = AnalysisFilter(settings, names: names)
        let detections = [(0, 0.9), (0, 0.4), (1, 0.4), (1, 0.2), (2, 0.35)].map { (classID: Int, confidence: Float) in
            Detection(
                classID: classID, confidence: confidence, objectness: confidence,
                box: Box(x: 0.5, y: 0.5, width: 0.1, height: 0.1))
        }
        return (filter, filter(detections).map { "\(names[$0.classID]) \($0.confidence)" })
    }

    @Test func withoutChoiceTheThresholdDecides() {
        #expect(kept { _ in }.1 == ["person 0.9", "person 0.4", "car 0.4", "dog 0.35"])
    }

    @Test func onlyTheClassesAskedFor() {
        #expect(kept { $0.classes = ["car", "dog"] }.1 == ["car 0.4", "dog 0.35"])
    }

    @Test func eachClassMayHaveAThresholdOfItsOwn() {
        let (filter, kept) = kept { $0.classThresholds = ["person": 0.5, "car": 0.1] }
        #expect(kept == ["person 0.9", "car 0.4", "car 0.2", "dog 0.35"])
        // The network must be asked for the lowest of them.
        #expect(filter.options.threshold == 0.1)
    }

    @Test func aClassThatIsNotKeptDoesNotLowerTheThreshold() {
        let (filter, _) = kept {
            $0.classes = ["person"]
            $0.classThresholds = ["car": 0.01]
        }
        #expect(filter.options.threshold == 0.3)
    }
}
