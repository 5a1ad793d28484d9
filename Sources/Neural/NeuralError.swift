import CDNNL

/// Why a network could not be built or run.
public enum NeuralError: Error, Hashable, CustomStringConvertible {
    /// oneDNN's `call` failed with `status` while `action` was under way.
    case engine(call: String, status: String, action: String)
    /// The network asks for something that this engine does not do. `layer` says which and where it is written.
    case unsupported(layer: String, reason: String)
    /// The weights do not belong to this cfg.
    case weights(layer: String, expected: String, actual: String)
    /// A session's `parameter` lies outside of what is allowed.
    case parameter(_ parameter: String, value: Int, allowed: ClosedRange<Int>)
    /// `byteCount` bytes for `purpose` could not be had.
    case memory(byteCount: Int, purpose: String)

    public var description: String {
        switch self {
        case .engine(let call, let status, let action):
            "\(action): oneDNN's \(call) failed (\(status)). This is oneDNN \(EngineInfo.version) for \(EngineInfo.instructionSet)."
        case .unsupported(let layer, let reason):
            "\(layer): \(reason)"
        case .weights(let layer, let expected, let actual):
            "\(layer): expected \(expected) in the weights, got \(actual). Use the weights that were made for this cfg."
        case .parameter(let parameter, let value, let allowed):
            "\(parameter) is \(value), but must be \(allowed.lowerBound) to \(allowed.upperBound)"
        case .memory(let byteCount, let purpose):
            "no memory for \(purpose) (\(byteCount) bytes). Use a smaller network size or batch."
        }
    }
}

/// Turns a failed call of the shim into an error that says what was being done.
func check(_ result: lk_result, _ action: @autoclosure () -> String) throws(NeuralError) {
    guard result.status != 0 else { return }
    throw .engine(
        call: String(cString: result.call), status: String(cString: lk_status_name(result.status)), action: action())
}
