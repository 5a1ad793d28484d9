import TestSupport
import Testing

@testable import Neural

@Suite struct ArenaTests {
    @Test func nothing() {
        #expect(Arena([]).byteCount == 0)
    }

    /// A chain keeps two neighbours at a time, whatever its length.
    @Test func chainTakesTheTwoLargestNeighbours() {
        let requests = (0..<20).map { Arena.Request(byteCount: 64 * (20 - $0), life: $0...$0 + 1) }
        #expect(Arena(requests).byteCount == 64 * (20 + 19))
    }

    /// The gap of 2 lines is taken before that of 4.
    @Test func tightestGap() {
        let sizes = [(10, 0...9), (4, 0...1), (9, 0...9), (2, 0...1), (8, 0...9), (2, 5...6)]
        let arena = Arena(sizes.map { Arena.Request(byteCount: $0.0 * Arena.alignment, life: $0.1) })
        #expect(arena.offsets[5] >= arena.offsets[1] || arena.offsets[5] == arena.offsets[3])
        #expect(arena.byteCount == 33 * Arena.alignment)
    }

    @Test func aliveTogetherNeverOverlap() {
        var generator = SplitMix64(seed: 1)
        for _ in 0..<200 {
            let requests = (0..<Int.random(in: 1...30, using: &generator)).map { _ in
                let start = Int.random(in: 0...20, using: &generator)
                return Arena.Request(
                    byteCount: Int.random(in: 0...5000, using: &generator),
                    life: start...start + Int.random(in: 0...8, using: &generator))
            }
            let arena = Arena(requests)
            for (index, request) in requests.enumerated() {
                let place = arena.offsets[index]..<arena.offsets[index] + request.byteCount
                #expect(place.upperBound <= arena.byteCount && place.lowerBound % Arena.alignment == 0)
                for other in requests.indices where other != index && requests[other].life.overlaps(request.life) {
                    let taken = arena.offsets[other]..<arena.offsets[other] + requests[other].byteCount
                    #expect(!place.overlaps(taken))
                }
            }
            #expect(arena.byteCount <= requests.reduce(0) { $0 + ($1.byteCount + 63) / 64 * 64 })
        }
    }
}
