import ArgumentParser
import Foundation
import Testing

@testable import lookout

@Suite("README, --help and the manual page") struct DocumentationTests {
    private let readme: String
    private let manual: String

    init() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        manual = try String(contentsOf: root.appending(path: "systemd/lookout.1"), encoding: .utf8)
    }

    @Test func `every command is in the manual's synopsis and list`() {
        let commands = Self.commands(below: Lookout.self, path: "lookout")
        #expect(commands.contains("lookout model cfg") && commands.contains("lookout demo"))
        for command in commands {
            #expect(manual.contains("\n.B \(command)\n"), "\(command)")
            #expect(manual.contains("\n.TP\n.B \(command.dropFirst("lookout ".count))\n"), "\(command)")
        }
    }

    /// As they are called; a default subcommand goes by what is above it.
    private static func commands(below command: any ParsableCommand.Type, path: String) -> [String] {
        let subcommands = command.configuration.subcommands
        let usual = command.configuration.defaultSubcommand?._commandName
        let own = subcommands.isEmpty || usual != nil ? [path] : []
        return own
            + subcommands.filter { $0._commandName != usual }
            .flatMap { commands(below: $0, path: "\(path) \($0._commandName)") }
    }

    @Test func `exit codes are the same everywhere`() throws {
        let help = try exitCodes(in: Lookout.configuration.discussion)
        #expect(try exitCodes(in: readme) == help)
        #expect(try exitCodes(in: manual) == help)
    }

    private func exitCodes(in text: String) throws -> String {
        let sentence = try #require(text.firstMatch(of: /0 done,[\s\S]*?how it ends\)\./)).output
        return sentence.replacing("`", with: "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
