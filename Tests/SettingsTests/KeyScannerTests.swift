import TestSupport
import Testing

@testable import Settings

@Suite struct KeyScannerTests {
    /// Where a path of the text stands, as `line:column`.
    private func place(_ path: String..., in text: String) throws -> String? {
        try KeyScanner(text).positions[path].map { "\($0.line):\($0.column)" }
    }

    /// What is wrong with the text, after its place.
    private func refusal(_ text: String) -> String? {
        do {
            _ = try KeyScanner(text)
            return nil
        } catch {
            return "\(error.position.line):\(error.position.column): \(error.message)"
        }
    }

    @Test func keysAndHeaders() throws {
        let text = """
            top = 1 # not = a key
            # [none]
            [ stream . gate ]
              url = 'a = b'
            "a b" = 2
            [stream.'x.y']
            -1_ = 1
            """
        #expect(try place("top", in: text) == "1:1")
        #expect(try place("none", in: text) == nil)
        #expect(try place("stream", "gate", in: text) == "3:1")
        #expect(try place("stream", in: text) == "3:1")
        #expect(try place("stream", "gate", "url", in: text) == "4:3")
        #expect(try place("stream", "gate", "a b", in: text) == "5:1")
        #expect(try place("stream", "x.y", in: text) == "6:1")
        #expect(try place("stream", "x.y", "-1_", in: text) == "7:1")
    }

    @Test func dottedAndEscapedKeys() throws {
        let text = """
            a.b . "c" = 1
            "\\u00E4\\t\\"\\\\" = 2
            """
        #expect(try place("a", in: text) == "1:1" && place("a", "b", in: text) == "1:1")
        #expect(try place("a", "b", "c", in: text) == "1:1")
        #expect(try place("ä\t\"\\", in: text) == "2:1")
    }

    /// A table's own header wins over those of the tables in it.
    @Test func ownHeader() throws {
        #expect(try place("a", in: "[a.b]\nx = 1\n[a]\ny = 2") == "3:1")
        #expect(try place("a", in: "[a]\ny = 2\n[a.b]\nx = 1") == "1:1")
    }

    @Test func elementsOfLists() throws {
        let text = """
            list = [ "ä", 'b]', # ]
              [1, 2.5], 1979-05-27 07:32:00,
              { x = 1, y.z = [3] },
            ]
            after = true
            """
        #expect(try place("list", "0", in: text) == "1:10")
        #expect(try place("list", "1", in: text) == "1:15")
        #expect(try place("list", "2", "1", in: text) == "2:7")
        #expect(try place("list", "3", in: text) == "2:13")
        #expect(try place("list", "4", "y", "z", in: text) == "3:12")
        #expect(try place("list", "4", "y", "z", "0", in: text) == "3:19")
        #expect(try place("list", "5", in: text) == nil)
        #expect(try place("after", in: text) == "5:1")
    }

    @Test func stringsOverLines() throws {
        let text = #"""
            a = """
            b = 1 \""" \
            [c]\\"""""
            d = '''
            e = "\'''''
            f = "\"#" # g = 1
            """#
        #expect(try KeyScanner(text).positions.keys.map { $0.joined() }.sorted() == ["a", "d", "f"])
        #expect(try place("d", in: text) == "4:1" && place("f", in: text) == "6:1")
        #expect(try Document.parse(text, file: "")["d"]?.text == "e = \"\\''")
    }

    @Test func windowsLineEnds() throws {
        #expect(try place("b", in: "a = 1\r\n\r\nb = 2\r\n") == "3:1")
        #expect(try place("t", "b", in: "[t]\r\na = \"x\" # y\r\n\tb = 2") == "3:2")
    }

    // MARK: What is refused

    @Test func zeroCharacters() {
        for text in ["x = \"a\\u0000\"", "x = \"\"\"\n\\U00000000\"\"\"", "\"\\u0000\" = 1", "x = 1\u{0}"] {
            #expect(refusal(text)?.contains("U+0000") == true, "\(text)")
        }
        #expect(refusal("x = '\\u0000'\ny = \"\\\\u0000\"\nz = \"\"\"\\\\u0000\"\"\"") == nil)
        #expect(refusal("a = 1\nx = \"a\\u0000\"")?.hasPrefix("2:7: ") == true)
    }

    @Test(arguments: [
        ("", "a.", "a = 1"), ("[", "a.", "a]"), ("x = ", "[", ""), ("x = ", "{a=", ""), ("", "a.", ""),
        ("x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x = {", "x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x = {", ""),
    ]) func deepNesting(start: String, repeated: String, end: String) {
        #expect(refusal(start + String(repeating: repeated, count: 40_000) + end)?.contains("nested") == true)
    }

    @Test(arguments: [
        (#"url = rtsp://camera"#, #"1:7: neither a number nor true or false; a text stands in quotes: "...""#),
        (#"a = yes"#, #"1:5: neither a number nor true or false; a text stands in quotes: "...""#),
        (#"a = True"#, #"1:5: expected true"#),
        (#"a = /x"#, #"1:5: expected a value; a text stands in quotes, saw "/""#),
        (#"a = 5 s"#, #"1:7: expected the end of the line or a comment, saw "s""#),
        (#"a ="#, #"1:4: expected a value; a text stands in quotes, saw the end of the file"#),
        ("a\nb", #"1:2: expected "=" after the key, saw the end of the line"#),
        (#"a: 1"#, #"1:2: expected "=" after the key, saw ":""#),
        (#"ä = 1"#, #"1:1: expected a key or a section's name, saw "ä""#),
        (#"[stream "gate"]"#, #"1:9: expected "]" after the section's name, saw """"#),
        ("[a]\n[", #"2:2: expected a key or a section's name, saw the end of the file"#),
        ("[[a]\n", #"1:4: expected "]]" after the section's name, saw "]""#),
        (#"x = [1,,2]"#, #"1:8: expected a value; a text stands in quotes, saw ",""#),
        (#"x = [1 2]"#, #"1:8: expected "," or "]" in the list, saw "2""#),
        ("x = {a=1,\n b=2}", #"1:10: expected a key or a section's name, saw the end of the line"#),
        ("x = {a=1\n}", #"1:9: expected "," or "}" on the same line, saw the end of the line"#),
        ("x = \"abc\ny = 1", #"1:5: a text begins here and does not end on its line"#),
        ("x = '''abc\ny = 1", #"1:5: a text begins here and does not end"#),
        (#"x = "C:\data""#, #"1:8: begins no escape that TOML has; \\ is a backslash, and in '...' it is itself"#),
        (#"x = "\uD800""#, #"1:6: begins no escape that TOML has; \\ is a backslash, and in '...' it is itself"#),
        ("a = 1\rb = 2", #"1:6: expected the end of the line or a comment, saw "\r""#),
    ]) func syntax(text: String, expected: String) { #expect(refusal(text) == expected) }

    /// Any of these aborts the process that hands it to the TOML reader.
    @Test(arguments: [
        "[=]", "[#", "[.a]", "x = [}", "x = 1979-05-27 0 ", "x = [1979-05-27 0]", "x = 1979-05-2_7 0,", "x = 07:3",
    ])
    func whatTheReaderCannotStand(text: String) { #expect(refusal(text) != nil) }

    // MARK: With the TOML reader

    /// Of what the reader takes, every key has a place of its own.
    @Test func agreesWithTheReader() throws {
        let words = [
            "a", "b", "\"c d\"", "'e'", ".", " = ", "1", "-2.5e3", "true", "inf", "[", "]", "[[", "]]", "{", "}", ", ",
            "\n", "\n", "\n[", "]\n", "#x\n", "\"\\\"\\u00e9\"", "'\\'", "\"\"\"\n\"q\" \\\"\"\"\"", "'''''x'''",
            "07:32:00", "1979-05-27", " ", "\t", "\r\n",
        ]
        var random = SplitMix64(seed: 3)
        var sound = 0
        for _ in 0..<40_000 {
            let parts = (0..<Int.random(in: 1...14, using: &random)).map { _ in
                words.randomElement(using: &random) ?? ""
            }
            let text = parts.joined()
            guard let root = try? Document.parse(text, file: "") else { continue }
            sound += 1
            try expectPlaces(of: root, path: [], KeyScanner(text), text)
        }
        #expect(sound > 200)
    }

    private func expectPlaces(of table: [String: Node], path: [String], _ scanner: KeyScanner, _ text: String) {
        for (key, node) in table {
            #expect(scanner.positions[path + [key]] == node.position, "\(path + [key]) of \(text.debugDescription)")
            if let table = node.table { expectPlaces(of: table, path: path + [key], scanner, text) }
        }
    }
}
