import Street

/// What was found on the street against what was there, each object in each picture for itself.
struct DemoScore: Equatable {
    struct Counts: Equatable {
        /// Objects that are to be found.
        var objects = 0
        /// Of these.
        var found = 0
        /// Detections of nothing that is there, or of what another one has found already.
        var wrong = 0

        /// 0...1; `nil` where nothing was detected.
        var precision: Double? { found + wrong == 0 ? nil : Double(found) / Double(found + wrong) }
        /// 0...1; `nil` where nothing was to be found.
        var recall: Double? { objects == 0 ? nil : Double(found) / Double(objects) }
    }

    private(set) var kinds: [StreetKind: Counts] = [:]
    /// Detections of classes that the street does not have.
    private(set) var strangers = 0

    /// The least overlap (shared area over joint area) of a detection with what it has found.
    static let overlap = 0.5

    subscript(kind: StreetKind) -> Counts { kinds[kind] ?? Counts() }

    var total: Counts {
        kinds.values.reduce(into: Counts(wrong: strangers)) { total, counts in
            total.objects += counts.objects
            total.found += counts.found
            total.wrong += counts.wrong
        }
    }

    /// Adds a picture. The surest detection chooses first; each takes the object of its class that it overlaps most and
    /// that none has taken. Objects that hide too well to be asked for are neither right nor wrong to detect.
    ///
    /// - Parameter detections: by falling confidence, as records have them.
    mutating func add(_ detections: [LoggedFrame.Detection], truth: [StreetObject]) {
        var free = Set(truth.indices)
        for object in truth where object.isTruth { kinds[object.kind, default: Counts()].objects += 1 }
        for detection in detections {
            guard let kind = StreetKind.allCases.first(where: { $0.name == detection.class }) else {
                strangers += 1
                continue
            }
            let overlaps = truth.indices.filter { truth[$0].kind == kind }
                .map { (index: $0, overlap: detection.box.overlap(with: truth[$0])) }
                .filter { $0.overlap >= Self.overlap }
            let best = overlaps.filter { truth[$0.index].isTruth && free.contains($0.index) }
                .max { $0.overlap < $1.overlap }
            if let best {
                free.remove(best.index)
                kinds[kind, default: Counts()].found += 1
            } else if !overlaps.contains(where: { !truth[$0.index].isTruth }) {
                kinds[kind, default: Counts()].wrong += 1
            }
        }
    }
}

extension LoggedFrame.Box {
    /// Shared area over joint area, 0...1.
    fileprivate func overlap(with object: StreetObject) -> Double {
        let width = min(x + w, object.x + object.width) - max(x, object.x)
        let height = min(y + h, object.y + object.height) - max(y, object.y)
        guard width > 0, height > 0 else { return 0 }
        let shared = width * height
        return shared / (w * h + object.width * object.height - shared)
    }
}
