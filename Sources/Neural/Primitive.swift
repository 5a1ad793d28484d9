import CDNNL

/// One compiled operation of oneDNN. Memory is bound to its roles once; then it may be executed any number of times,
/// on any thread, one at a time.
final class Primitive {
    private let handle: OpaquePointer
    /// The layer it computes, for errors.
    let purpose: String

    private convenience init(purpose: String, _ make: (inout OpaquePointer?, Engine) -> lk_result) throws {
        var made: OpaquePointer?
        try check(make(&made, try Engine.shared()), purpose)
        self.init(owning: try unwrap(made), purpose: purpose)
    }

    /// nil if oneDNN has no kernel for it.
    private convenience init?(
        ifImplemented purpose: String, _ make: (inout OpaquePointer?, Engine) -> lk_result
    ) throws {
        var made: OpaquePointer?
        let result = make(&made, try Engine.shared())
        guard lk_is_unimplemented(result) == 0 else { return nil }
        try check(result, purpose)
        self.init(owning: try unwrap(made), purpose: purpose)
    }

    private init(owning handle: OpaquePointer, purpose: String) {
        self.handle = handle
        self.purpose = purpose
    }

    deinit { lk_primitive_destroy(handle) }

    /// With bias and activation fused. oneDNN chooses the layouts, the source's too if it is nil: ask `descriptor`.
    static func convolution(
        _ shape: lk_convolution, reading source: Descriptor? = nil, purpose: String
    ) throws -> Primitive? {
        try Primitive(ifImplemented: purpose) { made, engine in
            withUnsafePointer(to: shape) { lk_convolution_create(&made, engine.handle, $0, source?.handle) }
        }
    }

    /// Applies `activation` to a tensor in place.
    static func activation(_ activation: lk_activation, of tensor: Descriptor, purpose: String) throws -> Primitive {
        try Primitive(purpose: purpose) { made, engine in
            lk_activation_create(&made, engine.handle, tensor.handle, activation)
        }
    }

    /// Reads `source` as it lies; oneDNN chooses the destination's layout.
    static func pooling(_ source: Descriptor, _ shape: lk_pooling, purpose: String) throws -> Primitive {
        try Primitive(purpose: purpose) { made, engine in
            withUnsafePointer(to: shape) { lk_pooling_create(&made, engine.handle, source.handle, $0) }
        }
    }

    /// Joins `sources` along the channels.
    static func concat(_ sources: [Descriptor], into destination: Descriptor, purpose: String) throws -> Primitive {
        let handles: [OpaquePointer?] = sources.map(\.handle)
        return try Primitive(purpose: purpose) { made, engine in
            lk_concat_create(&made, engine.handle, handles, Int32(handles.count), destination.handle)
        }
    }

    /// Copies from one layout to another, or adds to what lies there.
    static func reorder(
        _ source: Descriptor, to destination: Descriptor, adds: Bool = false, purpose: String
    ) throws -> Primitive {
        try Primitive(purpose: purpose) { made, engine in
            lk_reorder_create(&made, engine.handle, source.handle, destination.handle, adds ? 1 : 0)
        }
    }

    /// One pass of training a convolution: see the shim. `isFast`: only with a kernel written for this CPU.
    static func training(
        _ shape: lk_convolution, _ pass: lk_pass, reading source: Descriptor, writing destination: Descriptor,
        hasBias: Bool, isFast: Bool, purpose: String
    ) throws -> Primitive? {
        try Primitive(ifImplemented: purpose) { made, engine in
            withUnsafePointer(to: shape) {
                lk_training_convolution_create(
                    &made, engine.handle, $0, pass, source.handle, destination.handle, hasBias ? 1 : 0, isFast ? 0 : 1)
            }
        }
    }

    /// Copies `source` to `destination` from one layout to another, once and at once.
    static func copy(
        _ source: UnsafeMutableRawPointer, _ sourceLayout: Descriptor, to destination: UnsafeMutableRawPointer,
        _ destinationLayout: Descriptor, on stream: Stream, purpose: String
    ) throws {
        let reorder = try reorder(sourceLayout, to: destinationLayout, purpose: purpose)
        let scratchpad = try Memory(byteCount: reorder.scratchpadByteCount(), purpose: purpose)
        try reorder.bind(lk_source, to: source)
        try reorder.bind(lk_destination, to: destination)
        if scratchpad.byteCount > 0 { try reorder.bind(lk_scratchpad, to: scratchpad.start) }
        try reorder.execute(on: stream)
    }

    /// What it does, for example "convolution".
    var kind: String { String(cString: lk_primitive_kind(handle)) }

    /// oneDNN's kernel that does it, for example "jit:avx512_core".
    var kernel: String { String(cString: lk_primitive_kernel(handle)) }

    /// The layout of the memory that `bind` expects.
    func descriptor(_ role: lk_role, index: Int = 0) throws -> Descriptor {
        try Descriptor(of: handle, role, index: index)
    }

    /// Bytes that the operation needs while it runs.
    func scratchpadByteCount() throws -> Int { try descriptor(lk_scratchpad).byteCount }

    /// `data` must stay valid for all executions. `index` counts a concat's sources.
    func bind(_ role: lk_role, index: Int = 0, to data: UnsafeMutableRawPointer) throws {
        try check(lk_primitive_bind(handle, role, Int32(index), data), purpose)
    }

    /// Other memory than `bind` was given.
    func rebind(_ role: lk_role, index: Int = 0, to data: UnsafeMutableRawPointer) throws(NeuralError) {
        try check(lk_primitive_rebind(handle, role, Int32(index), data), purpose)
    }

    func execute(on stream: Stream) throws(NeuralError) {
        try check(lk_primitive_execute(handle, stream.handle), purpose)
    }
}
