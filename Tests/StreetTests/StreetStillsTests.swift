import DataSets
import Foundation
import Media
import TestSupport
import Testing

@testable import Street

@Suite("Stills of the street") struct StreetStillsTests {
    private static func stills(_ change: (inout StreetStills) -> Void = { _ in }) -> StreetStills {
        var stills = StreetStills()
        (stills.count, stills.validCount, stills.threads) = (12, 4, 2)
        stills.size = StreetSize(width: 128, height: 72)
        change(&stills)
        return stills
    }

    private static func write(_ stills: StreetStills, to folder: String) throws -> [StreetKind: Int] {
        try stills.write(to: folder, progress: { _ in }, isStopped: { false })
    }

    private static func files(_ folder: String) throws -> [String: Data] {
        let names = try #require(FileManager.default.enumerator(atPath: folder)).compactMap { $0 as? String }
        return try names.reduce(into: [:]) { files, name in
            guard let content = FileManager.default.contents(atPath: "\(folder)/\(name)") else { return }
            files[name] = content
            try #require(!name.hasSuffix(".partial"))
        }
    }

    @Test func `is read as a data set`() throws {
        let folder = try TemporaryFolder()
        let counts = try Self.write(Self.stills(), to: folder.file("street"))
        let data = folder.file("street/street.data")
        let train = try DataSet(data, part: .train)
        let valid = try DataSet(data, part: .valid)
        #expect(train.samples.count == 12)
        #expect(valid.samples.count == 4)
        #expect(train.names == ["person", "cyclist", "car", "van", "dog"])
        let labels = (train.samples + valid.samples).reduce(into: [Int: Int]()) { counts, sample in
            guard case .objects(let truths) = sample.content else { return }
            for truth in truths { counts[truth.classID, default: 0] += 1 }
        }
        #expect(labels == Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) }))
        // A small set may well show no dog.
        for warning in train.warnings + valid.warnings {
            #expect(warning.message.contains("dog") || warning.message.contains("without objects"), "\(warning)")
        }
        let picture = try StillPicture.read(train.samples[0].image)
        #expect((picture.width, picture.height) == (128, 72))
    }

    @Test func `labels are where the objects are`() throws {
        let folder = try TemporaryFolder()
        let stills = Self.stills()
        _ = try Self.write(stills, to: folder.file("street"))
        for number in 0..<16 {
            let still = stills.still(number)
            let truths = try Street(still.options).picture(at: still.moment).objects.filter(\.isTruth)
            let text = try String(
                contentsOfFile: folder.file("street/labels/\(StreetStills.name(number)).txt"), encoding: .utf8)
            let lines = text.split(separator: "\n").map { $0.split(separator: " ").compactMap { Double($0) } }
            try #require(lines.count == truths.count)
            for (line, truth) in zip(lines, truths) {
                #expect(line[0] == Double(truth.kind.rawValue))
                #expect(abs((line[1] - line[3] / 2) * 128 - truth.x) < 1e-3)
                #expect(abs((line[2] + line[4] / 2) * 72 - truth.y - truth.height) < 1e-3)
            }
        }
    }

    @Test func `the same options give the same files, whatever the threads`() throws {
        let folder = try TemporaryFolder()
        _ = try Self.write(Self.stills { $0.threads = 1 }, to: folder.file("one"))
        _ = try Self.write(Self.stills { $0.threads = 5 }, to: folder.file("five"))
        let one = try Self.files(folder.file("one"))
        #expect(one.count == 2 * 16 + 4)
        #expect(try Self.files(folder.file("five")) == one)
        _ = try Self.write(Self.stills { $0.seed = 2 }, to: folder.file("other"))
        #expect(try Self.files(folder.file("other")) != one)
    }

    @Test func `no two seeds or parts share a street`() {
        var seeds: Set<UInt64> = []
        for seed: UInt64 in [1, 2, StreetStills.seeds.upperBound] {
            let stills = Self.stills { ($0.seed, $0.count, $0.validCount) = (seed, 300, 200) }
            for number in 0..<500 { seeds.insert(stills.still(number).options.seed) }
        }
        #expect(seeds.count == 1500)
        #expect(seeds.allSatisfy { $0 >= 1 << 32 })
    }

    @Test func `pictures to judge with stay when there are more to train with`() {
        let few = Self.stills()
        let many = Self.stills { $0.count = 100 }
        #expect(few.still(12) == many.still(100))
        #expect(few.still(11) == many.still(11))
    }

    @Test func `sizes, qualities and moments vary`() {
        let stills = Self.stills { ($0.size, $0.count) = (nil, 1000) }
        let made = (0..<1000).map(stills.still)
        let widths = made.reduce(into: [Int: Int]()) { $0[$1.options.width, default: 0] += 1 }
        #expect(Set(widths.keys) == [640, 960, 1280])
        #expect((550...650).contains(widths[640] ?? 0))
        #expect((150...250).contains(widths[1280] ?? 0))
        #expect(made.map(\.quality).min() == 2)
        #expect(made.map(\.quality).max() == 18)
        #expect(Set(made.map(\.moment)).count > 950)
    }

    @Test func `worse quality takes fewer bytes`() throws {
        let folder = try TemporaryFolder()
        let stills = Self.stills()
        let picture = try Street(stills.still(0).options).picture(at: 0).frame
        let sizes = try [2, 8, 18].map { quality in
            let writer = try PictureWriter(like: picture, format: .jpeg, quality: quality, subject: folder.path)
            return try writer.encode(try writer.canvas(for: picture)).count
        }
        #expect(sizes[0] > sizes[1] && sizes[1] > sizes[2])
    }

    @Test func `a folder with files is refused`() throws {
        let folder = try TemporaryFolder()
        try folder.write([1], to: "mine.txt")
        let error = try #require(throws: MediaError.self) { try Self.write(Self.stills(), to: folder.path) }
        #expect(error.kind == .cannotCreate)
        #expect(error.message.contains("has files in it"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["mine.txt"])
    }

    @Test func `an empty folder will do`() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.file("empty"), withIntermediateDirectories: false)
        _ = try Self.write(Self.stills(), to: folder.file("empty/"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["empty"])
        #expect(FileManager.default.fileExists(atPath: folder.file("empty/street.data")))
    }

    @Test func `a path that Darknet would misread is refused`() throws {
        let folder = try TemporaryFolder()
        let error = try #require(throws: MediaError.self) {
            try Self.write(Self.stills(), to: folder.file("my-images/street"))
        }
        #expect(error.message.contains("images"))
    }

    @Test func `links and slashes lead to the folder`() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.file("empty"), withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: "empty")
        _ = try Self.write(Self.stills(), to: folder.file("link//"))
        #expect(FileManager.default.fileExists(atPath: folder.file("empty/street.data")))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["empty", "link"])
    }

    @Test(arguments: ["/proc", "/", "/dev/null"])
    func `what cannot be replaced is refused before anything is made`(_ path: String) throws {
        let error = try #require(throws: MediaError.self) {
            try Self.stills().write(to: path, progress: { _ in Issue.record("made") }, isStopped: { false })
        }
        #expect(error.kind == .cannotCreate)
    }

    @Test func `the folder one is in is refused`() throws {
        let error = try #require(throws: MediaError.self) {
            try Self.stills().write(to: ".", progress: { _ in Issue.record("made") }, isStopped: { false })
        }
        #expect(error.message.contains("the folder you are in"))
    }

    @Test func `two at once do not share a folder`() throws {
        let folder = try TemporaryFolder()
        let first = try StillFolder(folder.file("street"))
        let error = try #require(throws: MediaError.self) { try StillFolder(folder.file("street/")) }
        #expect(error.message.contains("another run"))
        try first.write("mine", to: "labels/00000.txt")
        try first.commit()
        #expect(FileManager.default.fileExists(atPath: folder.file("street/labels/00000.txt")))
    }

    @Test func `nothing is left when it is stopped`() throws {
        let folder = try TemporaryFolder()
        let error = try #require(throws: MediaError.self) {
            try Self.stills().write(to: folder.file("street"), progress: { _ in }, isStopped: { true })
        }
        #expect(error.kind == .interrupted)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
}
