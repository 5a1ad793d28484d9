import DataSets

/// Which pictures training looks at.
public enum DrawOrder: String, Hashable, Sendable, CaseIterable {
    /// Each as likely every time (Darknet).
    case uniform
    /// All of them, in an order that every epoch draws anew.
    case shuffled
}

/// Which picture sample number n is. The same for every copy; each keeps the order of an epoch.
struct SampleOrder {
    /// Positions in the data set: all; or, with a share, those with boxes and those without.
    private let groups: [[Int]]
    private let order: DrawOrder
    private let share: Double?
    private let seed: UInt64
    /// Of each group, the present epoch.
    private var epochs: [(number: Int, order: [Int])?]

    /// - Parameter share: of the samples, which are detection pictures; `nil`: as many as the data set has.
    /// - Throws: `BatchLoaderError` for a share that the data set cannot give.
    init(_ samples: [Sample], order: DrawOrder, share: Double?, seed: UInt64) throws(BatchLoaderError) {
        guard !samples.isEmpty else { throw BatchLoaderError("the data set has no pictures") }
        self.order = order
        self.share = share
        self.seed = seed
        if let share {
            guard share >= 0, share <= 1 else {
                throw BatchLoaderError("the detection pictures' share is \(share); it must be from 0 to 1")
            }
            let detection = samples.indices.filter { samples[$0].isDetection }
            let rest = samples.indices.filter { !samples[$0].isDetection }
            if share > 0 && detection.isEmpty || share < 1 && rest.isEmpty {
                throw BatchLoaderError(
                    "\(share) of the samples are to be detection pictures, but the data set has \(detection.count) of "
                        + "them and \(rest.count) others")
            }
            groups = [detection, rest]
        } else {
            groups = [Array(samples.indices)]
        }
        epochs = Array(repeating: nil, count: groups.count)
    }

    /// - Parameter attempt: 0, and then one more for each picture that could not be used.
    mutating func index(of number: Int, attempt: Int) -> Int {
        var random = SampleRandom(seed: seed, sample: number, purpose: .choice)
        let (group, ordinal) = place(of: number, &random)
        let members = groups[group]
        if attempt > 0 {
            var random = SampleRandom(seed: seed, sample: number, purpose: .replacement)
            for _ in 1..<attempt { _ = random.next() }
            return members[random.below(members.count)]
        }
        guard order == .shuffled else { return members[random.below(members.count)] }
        let epoch = ordinal / members.count
        if epochs[group]?.number != epoch {
            var random = SampleRandom(seed: seed &+ UInt64(group), sample: epoch, purpose: .order)
            var shuffled = members
            random.shuffle(&shuffled)
            epochs[group] = (epoch, shuffled)
        }
        return epochs[group]?.order[ordinal % members.count] ?? members[0]
    }

    /// The group that a sample is of, and how many of that group came before it (in epochs only).
    private func place(of number: Int, _ random: inout SampleRandom) -> (group: Int, ordinal: Int) {
        guard let share else { return (0, number) }
        guard order == .shuffled else { return (random.uniform(0, 1) < share ? 0 : 1, 0) }
        // Evenly spread, so that the count before any sample is known.
        let before = Int(Double(number) * share)
        let isDetection = Int(Double(number + 1) * share) > before
        return isDetection ? (0, before) : (1, number - before)
    }
}

extension Sample {
    /// Its objects are marked, if only that it has none.
    var isDetection: Bool {
        if case .objects = content { true } else { false }
    }
}
