import Darknet
import Testing

@testable import Training

@Suite struct SizeScheduleTests {
    @Test func withoutRandomItIsTheNetworks() {
        let schedule = SizeSchedule(NetOptions(width: 416, height: 256), region: Region(), seed: 1)
        #expect(schedule.sizes == [.init(width: 416, height: 256)])
        #expect(schedule.size(iteration: 12_345) == (416, 256))
    }

    @Test func detectorsTakeSquaresFrom320To608EveryTenIterations() {
        var (net, region) = (NetOptions(width: 416, height: 416), Region())
        region.random = true
        net.maxBatches = 2000
        let schedule = SizeSchedule(net, region: region, seed: 1)
        var seen: Set<Int> = []
        for iteration in 0..<1800 {
            let (width, height) = schedule.size(iteration: iteration)
            #expect(width == height)
            #expect(width == schedule.size(iteration: iteration / 10 * 10).width)
            seen.insert(width)
        }
        #expect(seen.sorted() == Array(stride(from: 320, through: 608, by: 32)))
        // iteration + 200 > max_batches.
        #expect((1801..<2100).allSatisfy { schedule.size(iteration: $0) == (608, 608) })
    }

    @Test func shortTrainingsTakeTurnsToo() {
        let sizes = [320, 608].map { SizeSchedule.Size(width: $0, height: $0) }
        let schedule = SizeSchedule(sizes: sizes, maxBatches: 150, seed: 1)
        #expect(Set((0..<135).map { schedule.size(iteration: $0).width }) == [320, 608])
        #expect((136..<150).allSatisfy { schedule.size(iteration: $0) == (608, 608) })
    }

    @Test func classifiersTakeSquaresFrom128To448EveryForty() {
        var net = NetOptions(width: 256, height: 256)
        net.random = true
        let schedule = SizeSchedule(net, region: nil, seed: 2)
        let widths = (0..<4000).map { schedule.size(iteration: $0).width }
        #expect(Set(widths).sorted() == Array(stride(from: 128, through: 448, by: 32)))
        #expect((0..<4000).allSatisfy { widths[$0] == widths[$0 / 40 * 40] })
    }

    @Test func listsAreTakenAsTheyAre() {
        let sizes = [320, 416, 608].map { SizeSchedule.Size(width: $0, height: $0 - 32) }
        let schedule = SizeSchedule(sizes: sizes, every: 5, maxBatches: 1000, seed: 9)
        let seen = Set((0..<500).map { schedule.size(iteration: $0).width })
        #expect(seen == [320, 416, 608])
        #expect(schedule.size(iteration: 900) == (608, 576))
        #expect(schedule.largest == sizes[2])
        let other = SizeSchedule(sizes: sizes, every: 5, seed: 10)
        #expect((0..<100).contains { schedule.size(iteration: $0) != other.size(iteration: $0) })
    }
}
