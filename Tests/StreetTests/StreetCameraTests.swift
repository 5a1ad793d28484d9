import Glibc
import Media
import Pipeline
import Testing

@testable import Street

@Suite(.timeLimit(.minutes(30)))
struct StreetCameraTests {
    private let options = StreetOptions(seed: 3, width: 128, height: 72, frameRate: 50)

    private func demuxer(_ camera: StreetCamera) throws -> Demuxer {
        var live = Demuxer.Options()
        live.isLive = true
        return try Demuxer(descriptor: camera.descriptor, name: "demo:street", options: live)
    }

    @Test func sendsH264InItsOwnTime() throws {
        let start = MonotonicTime.now
        let camera = try StreetCamera(options, name: "demo:street")
        let demuxer = try demuxer(camera)
        #expect(demuxer.info.codecName == "h264" && demuxer.info.expectedFrames == nil)
        var times: [Double] = []
        while times.count < 20, let packet = try demuxer.read() { times.append(packet.seconds ?? -1) }
        // The twentieth is taken at 19/50 of a second, or later where the machine does not keep up.
        #expect(times == times.sorted() && Set(times).count == 20)
        #expect(MonotonicTime.now - start > 0.37 && times[19] >= 0.379)
        #expect(camera.failure == nil)
    }

    /// A picture is there as soon as it is made, not when the next piece of the container is full: then they would come
    /// in bursts.
    @Test func sendsEachPictureWhenItIsMade() throws {
        let camera = try StreetCamera(options, name: "demo:street")
        let demuxer = try demuxer(camera)
        var last = ContinuousClock.now
        var apart = 0
        // One is made every 20 ms. What a reader that comes late finds is a burst, too: there may be some of those.
        for _ in 0..<5000 where apart < 2 {
            let arrival = try #require(try demuxer.read()?.arrival)
            apart = arrival - last > .milliseconds(10) ? apart + 1 : 0
            last = arrival
        }
        #expect(apart == 2)
    }

    /// A socket that nobody reads holds a few pictures; the next is then one of now, not the next that was made.
    @Test func whatIsNotReadIsNotKept() throws {
        let camera = try StreetCamera(StreetOptions(width: 640, height: 360, frameRate: 120), name: "demo:street")
        let demuxer = try demuxer(camera)
        _ = try demuxer.read()
        try awaitFullSocket(camera)
        let pause = 0.5
        let full = MonotonicTime.now
        while MonotonicTime.now - full < pause { usleep(10_000) }
        var (last, step) = (try #require(try demuxer.read()?.seconds), 0.0)
        while step < pause / 2, let next = try demuxer.read()?.seconds { (last, step) = (next, next - last) }
        #expect(step >= pause / 2)
    }

    /// Its thread is stuck in a write; letting go of it must not wait for a reader.
    @Test func endsWhileNobodyReads() throws {
        let camera = try StreetCamera(StreetOptions(width: 640, height: 360, frameRate: 120), name: "demo:street")
        let demuxer = try demuxer(camera)
        _ = try demuxer.read()
        try awaitFullSocket(camera)
    }

    /// Until no byte was added for a while to those that wait in it: to some pictures, as the first may take that long
    /// to be made.
    private func awaitFullSocket(_ camera: StreetCamera) throws {
        var (waiting, since) = (Int32(0), MonotonicTime.now)
        while waiting < 10_000 || MonotonicTime.now - since < 0.3 {
            var now: Int32 = 0
            try #require(ioctl(camera.descriptor, UInt(FIONREAD), &now) == 0)
            if now != waiting { (waiting, since) = (now, .now) }
            usleep(1000)
        }
    }

    @Test func aReaderThatLeavesEndsIt() throws {
        let camera = try StreetCamera(options, name: "demo:street")
        do {
            let demuxer = try demuxer(camera)
            _ = try demuxer.read()
        }
        while camera.failure == nil { usleep(1000) }
        #expect((camera.failure as? MediaError)?.subject == "demo:street")
    }

    @Test func badOptionsAreRefused() {
        #expect(throws: StreetError.self) {
            _ = try StreetCamera(StreetOptions(seed: 1, width: 63, height: 64), name: "demo:street")
        }
    }
}
