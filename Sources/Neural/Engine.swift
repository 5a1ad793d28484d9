import CDNNL

/// oneDNN's CPU engine. There is one, and it lives as long as the process.
///
/// `@unchecked Sendable`: oneDNN's engines may be used from any number of threads at once.
final class Engine: @unchecked Sendable {
    let handle: OpaquePointer

    private static let made = Result { () throws(NeuralError) in try Engine() }

    static func shared() throws(NeuralError) -> Engine { try made.get() }

    private init() throws(NeuralError) {
        var made: OpaquePointer?
        try check(lk_engine_create(&made), "starting the CPU engine")
        guard let made else { throw .memory(byteCount: 0, purpose: "the CPU engine") }
        handle = made
    }
}

/// A queue of work on the engine, for one thread at a time.
final class Stream {
    let handle: OpaquePointer

    init() throws {
        var made: OpaquePointer?
        try check(lk_stream_create(&made, try Engine.shared().handle), "opening a stream of the CPU engine")
        guard let made else { throw NeuralError.memory(byteCount: 0, purpose: "a stream") }
        handle = made
    }

    deinit { lk_stream_destroy(handle) }
}
