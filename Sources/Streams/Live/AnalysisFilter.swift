import Detection

/// Which detections a stream keeps: those of its classes, above the thresholds of these.
struct AnalysisFilter: Sendable {
    /// For the network: as low as the lowest that any class asks for.
    let options: DetectionOptions
    /// By class number; `nil`: not kept.
    private let thresholds: [Float?]

    init(_ settings: AnalysisSettings, names: [String]) {
        thresholds = names.map { name in
            guard settings.classes?.contains(name) ?? true else { return nil }
            return settings.classThresholds[name] ?? settings.detection.threshold
        }
        var options = settings.detection
        options.threshold = thresholds.compactMap(\.self).min() ?? options.threshold
        self.options = options
    }

    func callAsFunction(_ detections: [Detection]) -> [Detection] {
        detections.filter { detection in
            guard thresholds.indices.contains(detection.classID), let threshold = thresholds[detection.classID]
            else { return false }
            return detection.confidence > threshold
        }
    }
}
