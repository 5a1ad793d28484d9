import CDNNL

/// What computes, in words for logs and `--version`.
public enum EngineInfo {
    /// oneDNN's version at run time, for example "2.6.3".
    public static var version: String {
        var major: Int32 = 0
        var minor: Int32 = 0
        var patch: Int32 = 0
        lk_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }

    /// The instructions that oneDNN makes kernels for on this CPU, for example "AVX512 CORE VNNI".
    /// `DNNL_MAX_CPU_ISA` in the environment lowers it.
    public static var instructionSet: String {
        let name = String(cString: lk_cpu_isa())
        let prefix = "cpu_isa_"
        let short = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
        return short.uppercased().split(separator: "_").joined(separator: " ")
    }
}
