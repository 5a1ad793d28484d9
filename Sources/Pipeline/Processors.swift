import CPlatform

/// What of the machine's processors this process may use, and why.
///
/// Of several NUMA nodes nothing else is to be known: the mask has only processors that may be used, and memory comes
/// from the node of the thread that touches it first, which is the one that computes with it.
public struct Processors: Equatable, Sendable {
    /// In the affinity mask: what `taskset` and cpusets leave.
    public let affinity: Int
    /// Processor time a second that control groups grant (`docker --cpus`, systemd's `CPUQuota`); `nil`: no limit.
    public let quota: Double?
    /// NUMA nodes whose memory may be used; at least 1.
    public let nodes: Int

    /// - Parameter root: of the tree in which `proc` and `sys` are looked for.
    public init(affinity: Int = Int(lk_affinity_count()), root: String = "/") {
        self.affinity = affinity
        quota = CPUQuota(root: root).processors
        nodes = Self.nodes(root: root)
    }

    /// How many threads keep them busy: the lesser of mask and quota, at least 1. A quota of one and a half makes two:
    /// one thread would leave a third of it unused, and two are held up only for what they run ahead of it, a part of a
    /// tenth of a second.
    public var count: Int {
        guard let quota, quota < Double(affinity) else { return affinity }
        return max(1, Int(quota.rounded(.up)))
    }

    /// As found first: what was divided among threads then stays so.
    private static let first = Processors()

    /// The `count` of this process.
    public static var available: Int { first.count }

    /// For libraries that count the processors of the mask themselves, and know no quotas: how many threads to tell
    /// them, or 0, by which they choose.
    public static var codecThreads: Int { first.quotaThreads }

    var quotaThreads: Int { count < affinity ? count : 0 }

    private static func nodes(root: String) -> Int {
        let status = SystemFile.read(root + "/proc/self/status") ?? ""
        let allowed = status.split(separator: "\n").first { $0.hasPrefix("Mems_allowed_list:") }
        // The allowed may include nodes that the machine has no memory for.
        guard let online = SystemFile.read(root + "/sys/devices/system/node/online"),
            let allowed = allowed?.split(separator: ":").last
        else { return 1 }
        return max(1, numbers(allowed).intersection(numbers(online[...])).count)
    }

    /// Of a list such as `0-3,8`; parts that make no sense are left out. The kernel numbers no more than 1024 nodes.
    static func numbers(_ list: Substring) -> Set<Int> {
        list.split(separator: ",").reduce(into: []) { numbers, part in
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map {
                Int($0.filter { !$0.isWhitespace })
            }
            guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1],
                first <= last, last < 1024
            else { return }
            numbers.formUnion(first...last)
        }
    }
}
