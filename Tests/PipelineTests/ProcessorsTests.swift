import Foundation
import TestSupport
import Testing

@testable import Pipeline

/// Files below a folder that stands for `/`.
private struct Tree {
    let folder: TemporaryFolder

    /// It is gone when nobody holds it any more.
    func read<Result>(_ body: (_ root: String) -> Result) -> Result {
        withExtendedLifetime(folder) { body(folder.path) }
    }

    init(_ files: [String: String]) throws {
        folder = try TemporaryFolder()
        for (path, text) in files {
            let parent = folder.file(path).split(separator: "/").dropLast().joined(separator: "/")
            try FileManager.default.createDirectory(atPath: "/" + parent, withIntermediateDirectories: true)
            try folder.write(text.utf8, to: path)
        }
    }
}

@Suite struct CPUQuotaTests {
    private static let mount2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"

    private func quota(_ files: [String: String]) throws -> Double? {
        try Tree(files).read { CPUQuota(root: $0).processors }
    }

    /// In the group `/lookout.service` of version 2.
    private func quota(ofMax text: String) throws -> Double? {
        try quota([
            "proc/self/cgroup": "0::/lookout.service\n", "proc/self/mountinfo": Self.mount2,
            "sys/fs/cgroup/lookout.service/cpu.max": text,
        ])
    }

    @Test(
        arguments: [
            ("max 100000\n", nil), ("200000 100000\n", 2), ("150000 100000\n", 1.5), ("5000 100000\n", 0.05),
            ("25000 50000", 0.5), ("", nil), ("100000", nil), ("-1 100000", nil), ("0 100000", nil), ("100000 0", nil),
            ("99999999999999999999999 100000", nil), ("1e5 100000", nil), ("a b", nil), ("1 2 3", nil),
        ] as [(String, Double?)])
    func `what cpu.max says`(_ text: String, _ expected: Double?) throws {
        #expect(try quota(ofMax: text) == expected)
    }

    @Test func `bytes that are no text`() throws {
        let tree = try Tree([
            "proc/self/cgroup": "0::/\n", "proc/self/mountinfo": Self.mount2, "sys/fs/cgroup/other": "",
        ])
        try tree.folder.write([0xFF, 0x00, 0xC3, 0x20, 0x31], to: "sys/fs/cgroup/cpu.max")
        #expect(tree.read { CPUQuota(root: $0).processors } == nil)
    }

    /// The kernel enforces all of them.
    @Test(arguments: [
        ("300000", "100000", "max", 1.0), ("max", "250000", "400000", 2.5), ("150000", "max", "max", 1.5),
    ])
    func `the least of nested groups`(_ inner: String, _ middle: String, _ outer: String, _ expected: Double) throws {
        #expect(
            try quota([
                "proc/self/cgroup": "0::/a.slice/b/c\n", "proc/self/mountinfo": Self.mount2,
                "sys/fs/cgroup/a.slice/b/c/cpu.max": "\(inner) 100000\n",
                "sys/fs/cgroup/a.slice/b/cpu.max": "\(middle) 100000\n",
                "sys/fs/cgroup/a.slice/cpu.max": "\(outer) 100000\n",
                // Not on the way up.
                "sys/fs/cgroup/a.slice/d/cpu.max": "1000 100000\n",
            ]) == expected)
    }

    @Test func `version 1, with its controllers mounted together`() throws {
        let files = [
            "proc/self/cgroup": "4:memory:/x\n3:cpu,cpuacct:/docker/ab\n2:cpuset:/\n0::/\n",
            "proc/self/mountinfo": """
            31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
            32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 master:1 - cgroup cgroup rw,cpu,cpuacct
            34 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset
            """,
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/cpu,cpuacct/docker/ab/cpu.cfs_quota_us": "350000\n",
            "sys/fs/cgroup/cpu,cpuacct/docker/ab/cpu.cfs_period_us": "100000\n",
        ]
        #expect(try quota(files) == 3.5)
        var unlimited = files
        unlimited["sys/fs/cgroup/cpu,cpuacct/docker/ab/cpu.cfs_quota_us"] = "-1\n"
        #expect(try quota(unlimited) == nil)
    }

    /// A container that sees its own group alone, under its name outside.
    @Test func `a mount that begins at the group`() throws {
        let files = [
            "proc/self/cgroup": "0::/docker/ab/init\n",
            "proc/self/mountinfo": "30 23 0:26 /docker/ab /sys/fs/my\\040group rw - cgroup2 cgroup2 rw\n",
            "sys/fs/my group/cpu.max": "100000 100000", "sys/fs/my group/init/cpu.max": "max 100000",
        ]
        #expect(try quota(files) == 1)
        var other = files
        other["proc/self/cgroup"] = "0::/docker/other\n"
        #expect(try quota(other) == nil)
        other["proc/self/cgroup"] = "0::/docker/ab/../../x\n"
        #expect(try quota(other) == nil)
    }

    @Test func `nothing that can be read`() throws {
        #expect(try quota([:]) == nil)
        #expect(try quota(["proc/self/cgroup": "0::/\n"]) == nil)
        #expect(try quota(["proc/self/cgroup": "0::/\n", "proc/self/mountinfo": Self.mount2]) == nil)
        #expect(
            try quota(["proc/self/cgroup": "::\n0\n\n0:", "proc/self/mountinfo": " - \n1 2 3 4 5 6 -\n-\n"]) == nil)
    }
}

@Suite struct ProcessorsTests {
    private func processors(_ affinity: Int, quota: String?) throws -> Processors {
        var files = [
            "proc/self/cgroup": "0::/\n", "proc/self/mountinfo": "30 23 0:26 / /cg rw - cgroup2 cgroup2 rw\n",
        ]
        files["cg/cpu.max"] = quota
        return try Tree(files).read { Processors(affinity: affinity, root: $0) }
    }

    @Test(
        arguments: [
            (8, nil, 8), (8, "max 100000", 8), (8, "200000 100000", 2), (8, "150000 100000", 2), (8, "1000 100000", 1),
            (2, "400000 100000", 2), (1, "150000 100000", 1), (4096, "100001 100000", 2),
        ] as [(Int, String?, Int)])
    func `the lesser of mask and quota, rounded up`(_ affinity: Int, _ quota: String?, _ expected: Int) throws {
        let processors = try processors(affinity, quota: quota)
        #expect(processors.count == expected)
        // libav counts the mask itself.
        #expect(processors.quotaThreads == (expected < affinity ? expected : 0))
    }

    @Test func `this machine's`() {
        let here = Processors()
        #expect((1...here.affinity).contains(here.count))
        #expect(here.affinity <= ProcessInfo.processInfo.processorCount)
        #expect(here.nodes >= 1)
    }

    @Test(arguments: [
        ("0-1", "0-1023", 2), ("0-3", "\t0,2\n", 2), ("0", "0", 1), ("x", "0", 1), ("0,", "0-", 1), ("0-3", "3-1", 1),
        ("0-99999999", "0", 1),
    ])
    func `nodes that are there and allowed`(_ online: String, _ allowed: String, _ expected: Int) throws {
        let tree = try Tree([
            "sys/devices/system/node/online": online,
            "proc/self/status": "Name:\tx\nMems_allowed:\t1\nMems_allowed_list:\t\(allowed)\nThreads:\t1\n",
        ])
        #expect(tree.read { Processors(affinity: 1, root: $0).nodes } == expected)
    }

    @Test func `lists of numbers`() {
        #expect(Processors.numbers("0-2,5, 7 \n") == [0, 1, 2, 5, 7])
        #expect(Processors.numbers("-1,2-x,3-4-5,,99999999999999999999,6") == [6])
    }
}
