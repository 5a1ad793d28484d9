import Neural
import Pipeline
import Streams

/// A network alone on all its threads, one run after the other.
struct NetworkTiming: ~Copyable {
    private let session: any NetworkSession
    private let image: UnsafeMutableRawPointer
    /// What is run, once for each place of the batch.
    let images: [UnsafeRawPointer]

    init(_ session: any NetworkSession, batch: Int = 1) {
        self.session = session
        image = Self.pattern(session.inputLayout)
        images = [UnsafeRawPointer](repeating: UnsafeRawPointer(image), count: batch)
    }

    deinit { image.deallocate() }

    /// Something to look at; the caller's to deallocate.
    static func pattern(_ layout: InputLayout) -> UnsafeMutableRawPointer {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: layout.byteCount, alignment: 64)
        layout.fillWithPattern(memory)
        return memory
    }

    /// Milliseconds of each run, at least three.
    func run(seconds: Double, stop: StopSignal) throws -> [Double] {
        // The first runs take memory from the system.
        for _ in 0..<2 { try session.run(images) }
        var times: [Double] = []
        let begin = MonotonicTime.now
        repeat {
            let start = MonotonicTime.now
            try session.run(images)
            times.append((MonotonicTime.now - start) * 1e3)
        } while (times.count < 3 || MonotonicTime.now - begin < seconds) && !stop.isRequested
        return times
    }
}
