import Testing

@testable import Street

@Suite struct TrafficTests {
    /// Half of the longest of each kind, in metres.
    private func half(_ kind: StreetKind) -> Double {
        switch kind {
        case .van: 3.2
        case .car: 2.6
        case .cyclist: 1
        case .person, .dog: 0.4
        }
    }

    @Test func `vehicles do not drive through each other`() {
        var pairs = 0
        for seed in 1...60 as ClosedRange<UInt64> {
            let place = Place(seed: seed)
            for lane in place.lanes where lane.use != .walking {
                for second in 0..<20 {
                    let row = lane.actors(
                        at: Double(second) * 3.7, seed: seed, view: place.view, crossing: place.crossing
                    ).sorted { $0.x < $1.x }
                    for (first, next) in zip(row, row.dropFirst()) {
                        #expect(next.x - first.x > half(first.kind) + half(next.kind) - 0.1, "seed \(seed)")
                        pairs += 1
                    }
                }
            }
        }
        #expect(pairs > 500)
    }

    @Test func `traffic waits for those who cross`() {
        var crossings = 0
        for seed in 1...60 as ClosedRange<UInt64> {
            let place = Place(seed: seed)
            for second in 0..<80 {
                let actors = place.actors(at: Double(second) * 0.7, seed: seed)
                let onRoad = actors.filter { actor in
                    [.toward, .away].contains(actor.heading) && actor.depth > place.nearKerb
                        && actor.depth < place.farKerb
                }
                crossings += onRoad.count
                for walker in onRoad {
                    for vehicle in actors where [.cyclist, .car, .van].contains(vehicle.kind) {
                        let isBeside = abs(vehicle.depth - walker.depth) > 0.8
                        #expect(
                            isBeside || abs(vehicle.x - walker.x) > half(vehicle.kind) + 0.2,
                            "seed \(seed), second \(Double(second) * 0.7)")
                    }
                }
            }
        }
        #expect(crossings > 300)
    }

    @Test func `who is in view stays in view, a step further`() throws {
        let seed: UInt64 = 7
        let place = Place(seed: seed)
        var followed = 0
        for second in 0..<100 {
            let time = Double(second) * 2.9
            let later = place.actors(at: time + 0.04, seed: seed)
            for actor in place.actors(at: time, seed: seed)
            where abs(actor.x) < place.view.halfWidth(actor.depth) {
                let reach = actor.speed * 0.04 + 1e-6
                let isThere = later.contains { other in
                    other.kind == actor.kind && abs(other.x - actor.x) <= reach
                        && abs(other.depth - actor.depth) <= reach
                }
                #expect(isThere, "\(actor.kind) at \(actor.x), \(actor.depth), second \(time)")
                followed += 1
            }
        }
        #expect(followed > 300)
    }
}
