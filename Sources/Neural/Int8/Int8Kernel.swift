import CKernels

/// What computes products of 8-bit integers.
public enum Int8Kernel: Sendable, CaseIterable {
    /// 512 bits wide: AVX-512 with VNNI.
    case avx512
    /// 256 bits wide: AVX-VNNI, which CPUs without AVX-512 have.
    case avx
    /// Plain C; gives the same numbers, slowly.
    case portable

    /// The fastest of this CPU; `nil` where none is faster than fp32.
    public static var best: Int8Kernel? { [.avx512, .avx].first(where: \.isSupported) }

    public var isSupported: Bool { lk_int8_is_supported(handle) != 0 }

    /// For logs, for example "AVX-512 VNNI".
    public var name: String {
        switch self {
        case .avx512: "AVX-512 VNNI"
        case .avx: "AVX-VNNI"
        case .portable: "portable"
        }
    }

    var handle: lk_int8_kernel {
        switch self {
        case .avx512: lk_int8_avx512_vnni
        case .avx: lk_int8_avx_vnni
        case .portable: lk_int8_portable
        }
    }
}
