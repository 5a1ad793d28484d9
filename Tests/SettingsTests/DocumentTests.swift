import Testing

@testable import Settings

@Suite struct DocumentTests {
    @Test func values() throws {
        let root = try Document.parse(
            """
            text = "a\\tb"
            integer = 0x10
            number = 5.5
            flag = false
            day = 1979-05-27
            time = 07:32:00
            list = [1, "x"]
            table = { a = 1 }
            [[tables]]
            x = 1
            """, file: "")
        #expect(root["text"]?.value == .text("a\tb"))
        #expect(root["integer"]?.value == .integer(16))
        #expect(root["number"]?.value == .number(5.5))
        #expect(root["flag"]?.value == .flag(false))
        #expect(root["day"]?.value == .time && root["time"]?.value == .time)
        #expect(
            root["list"]?.value
                == .list([
                    Node(value: .integer(1), position: Position(line: 7, column: 9)),
                    Node(value: .text("x"), position: Position(line: 7, column: 12)),
                ]))
        #expect(
            root["table"]?.value
                == .table(["a": Node(value: .integer(1), position: Position(line: 8, column: 11))]))
        guard case .list(let tables) = root["tables"]?.value else {
            Issue.record("no list of tables")
            return
        }
        #expect(tables.count == 1 && tables[0].table?["x"]?.value == .integer(1))
        #expect(tables[0].position == Position(line: 9, column: 1))
    }

    /// Only the first mistake in the syntax can be told.
    @Test(arguments: [
        (
            "x = 1\nurl = rtsp://camera",
            "f.conf:2:7: is no TOML: neither a number nor true or false; a text stands in quotes: \"...\""
        ),
        ("[a]\nx = 1\nx = 2", "f.conf:3:5: is no TOML: cannot redefine existing integer 'x'"),
        ("[a]\n[a]", "f.conf:2:1: is no TOML: cannot redefine existing table 'a'"),
        (
            "size = 10m",
            "f.conf:1:8: is no TOML: neither a number nor true or false; a text stands in quotes: \"...\""
        ),
        ("day = 2020-13-01", "f.conf:1:14: is no TOML: expected month between 1 and 12 (inclusive), saw 13"),
        ("x = 99999999999999999999", "f.conf:1:25: is no TOML: '99999999999999999999' is not representable in 64 bits"),
    ]) func syntax(text: String, expected: String) {
        let errors = #expect(throws: SettingsErrors.self) { try Document.parse(text, file: "f.conf") }
        #expect(errors?.description == expected)
    }

    /// Equal to Swift, not to TOML.
    @Test func keysThatDifferInNormalisation() throws {
        #expect(try Document.parse("\"\u{E9}\" = 1\n\"e\u{301}\" = 2", file: "").count == 1)
    }
}
