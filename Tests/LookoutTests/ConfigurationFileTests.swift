import TestSupport
import Testing

/// The file that `check` and `run` read.
@Suite struct ConfigurationFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: ["check", "run"])
    func `it is named with or without --config, once`(command: String) throws {
        let file = try folder.write("thresold = 1\n".utf8, to: "bad.conf")
        for arguments in [[command, file], [command, "--config", file]] {
            let outcome = try Tool(arguments).wait()
            #expect(outcome.code == 78 && outcome.stderr.contains("bad.conf:1:1: unknown key"), "\(outcome)")
        }
        let twice = try Tool([command, file, "--config", file]).wait()
        #expect(twice.code == 64 && twice.stderr.contains("name the configuration once"), "\(twice)")
    }

    /// What `lookout demo` ends with.
    @Test func `the demo's street needs nothing else`() throws {
        let lines = "[stream.street]\nurl = \"demo:street?seed=7\"\nmodel = \"lookout-demo\"\n"
        let outcome = try Tool.run("check", try folder.write(lines.utf8, to: "street.conf"))
        #expect(outcome.code == 0 && outcome.text.contains("street.conf is sound: 1 stream"), "\(outcome)")
    }
}
