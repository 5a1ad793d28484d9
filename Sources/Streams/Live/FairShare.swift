/// Whose turn it is, of several that want the same thing: each gets a share in proportion to its weight, and one that did
/// not want anything for a while gets no more for it later (start-time fair queueing).
struct FairShare<ID: Hashable> {
    private struct Member {
        var weight: Double
        /// Virtual time at which its last turn is paid for.
        var paid = 0.0
    }

    private var members: [ID: Member] = [:]
    /// Of the turn given last.
    private var virtualTime = 0.0

    /// - Parameter weight: positive.
    mutating func add(_ id: ID, weight: Double) { members[id] = Member(weight: weight, paid: virtualTime) }

    mutating func remove(_ id: ID) { members[id] = nil }

    mutating func setWeight(_ weight: Double, of id: ID) { members[id]?.weight = weight }

    /// A member begins to want a turn: what it did not use before is forfeited.
    mutating func wants(_ id: ID) {
        guard let member = members[id], member.paid < virtualTime else { return }
        members[id]?.paid = virtualTime
    }

    /// Which of those that want a turn has waited longest by its share; the others stay as they are.
    func next(of waiting: some Sequence<ID>) -> ID? {
        waiting.filter { members[$0] != nil }.min { paid($0) < paid($1) }
    }

    /// Charges a member for its turn.
    mutating func take(_ id: ID) {
        guard let member = members[id] else { return }
        virtualTime = max(virtualTime, member.paid)
        members[id]?.paid = member.paid + 1 / member.weight
    }

    private func paid(_ id: ID) -> Double { members[id]?.paid ?? .infinity }
}
