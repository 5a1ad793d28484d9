/// The processor time that the control groups of this process grant, of version 2 (`cpu.max`) and 1
/// (`cpu.cfs_quota_us`): the least of its own group's and those above it, as far up as they can be seen.
struct CPUQuota {
    /// Processors, for example 1.5; `nil`: no limit, or none that can be read.
    let processors: Double?

    /// - Parameter root: of the tree in which `proc` and the mounts are looked for.
    init(root: String) {
        let groups = SystemFile.read(root + "/proc/self/cgroup") ?? ""
        let mounts = (SystemFile.read(root + "/proc/self/mountinfo") ?? "").split(separator: "\n").compactMap(
            Mount.init)
        var least: Double?
        for group in groups.split(separator: "\n").compactMap(Group.init) {
            for mount in mounts where mount.version == group.version {
                for folder in mount.folders(of: group) {
                    guard let quota = Self.quota(of: root + folder, group.version) else { continue }
                    least = min(least ?? quota, quota)
                }
            }
        }
        processors = least
    }

    private enum Version { case one, two }

    private static func quota(of folder: String, _ version: Version) -> Double? {
        switch version {
        case .two:
            let words = (SystemFile.read(folder + "/cpu.max") ?? "").split(whereSeparator: \.isWhitespace)
            return words.count == 2 ? quota(words[0], of: words[1]) : nil
        case .one:
            guard let quota = SystemFile.read(folder + "/cpu.cfs_quota_us"),
                let period = SystemFile.read(folder + "/cpu.cfs_period_us")
            else { return nil }
            return Self.quota(quota[...], of: period[...])
        }
    }

    /// Microseconds of processor time in a period of so many. No limit is `max`, or -1 in version 1.
    private static func quota(_ quota: Substring, of period: Substring) -> Double? {
        let numbers = [quota, period].map { Int($0.filter { !$0.isWhitespace }) ?? 0 }
        return numbers.allSatisfy { $0 > 0 } ? Double(numbers[0]) / Double(numbers[1]) : nil
    }

    /// A line of /proc/self/cgroup, `0::/user.slice` or `4:cpu,cpuacct:/user.slice`.
    private struct Group {
        let version: Version
        let path: [Substring]

        init?(_ line: Substring) {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { return nil }
            if fields[0] == "0" && fields[1].isEmpty {
                version = .two
            } else if fields[1].split(separator: ",").contains("cpu") {
                version = .one
            } else {
                return nil
            }
            path = fields[2].split(separator: "/")
        }
    }

    /// A line of /proc/self/mountinfo that mounts groups:
    /// `32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu`.
    private struct Mount {
        let version: Version
        /// The group that is seen at `point`.
        let root: [Substring]
        let point: String

        init?(_ line: Substring) {
            let fields = line.split(separator: " ")
            guard let dash = fields.dropFirst(6).firstIndex(of: "-"), fields.count > dash + 3 else { return nil }
            switch fields[dash + 1] {
            case "cgroup2": version = .two
            case "cgroup" where fields[dash + 3].split(separator: ",").contains("cpu"): version = .one
            default: return nil
            }
            root = fields[3].split(separator: "/")
            point = Self.unescaped(fields[4])
        }

        /// The group's folder and those above it; none where the mount does not show the group.
        func folders(of group: Group) -> [String] {
            guard group.path.starts(with: root), !group.path.contains("..") else { return [] }
            let below = group.path.dropFirst(root.count)
            return (0...below.count).map { count in
                below.prefix(count).reduce(point) { $0 + "/" + $1 }
            }
        }

        /// mountinfo writes spaces and the like as `\040`.
        private static func unescaped(_ field: Substring) -> String {
            var bytes: [UInt8] = []
            var rest = Array(field.utf8)[...]
            while let byte = rest.popFirst() {
                let digits = String(decoding: rest.prefix(3), as: UTF8.self)
                if byte == UInt8(ascii: "\\"), digits.utf8.count == 3, let code = UInt8(digits, radix: 8) {
                    bytes.append(code)
                    rest = rest.dropFirst(3)
                } else {
                    bytes.append(byte)
                }
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
