import CKernels

/// What a training network computes with. Weights, their gradients and all statistics are float32 either way.
public enum TrainingPrecision: String, Sendable, CaseIterable {
    case fp32
    /// Activations and their gradients in 16 bits, with float32's range: half the memory, about twice the speed where the
    /// CPU multiplies them itself.
    case bf16

    /// Whether this CPU has the instructions; without, bf16 would only be slower.
    public var isAvailable: Bool {
        switch self {
        case .fp32: true
        case .bf16: lk_flavour_is_available(lk_16_bf16) != 0
        }
    }

    /// bf16 where the CPU makes it pay.
    public static var fastest: TrainingPrecision { TrainingPrecision.bf16.isAvailable ? .bf16 : .fp32 }
}
