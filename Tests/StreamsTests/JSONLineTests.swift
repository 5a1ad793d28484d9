import Foundation
import TestSupport
import Testing

@testable import Streams

@Suite("JSON lines") struct JSONLineTests {
    private func text(_ body: (inout JSONLine) -> Void) -> String {
        var json = JSONLine()
        json.object(nil, body)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test func keysStayInOrderWithCommasBetween() {
        let line = text { json in
            json.put("b", 1)
            json.object("o") { json in
                json.put("x", true)
                json.put("y", -2)
            }
            json.array("empty", [Int]()) { _, _ in }
            json.array("words", ["p", "q"]) { $0.put($1) }
            json.array("objects", [1, 2]) { json, value in json.object { $0.put("n", value) } }
            json.object("none") { _ in }
            json.put("a", "z")
        }
        #expect(
            line
                == #"{"b":1,"o":{"x":true,"y":-2},"empty":[],"words":["p","q"],"objects":[{"n":1},{"n":2}],"none":{},"a":"z"}"#
        )
    }

    @Test func aLineEndsWithOneLineFeed() {
        var json = JSONLine()
        json.object { $0.put("k", "two\nlines") }
        let line = json.terminated
        #expect(line == Array("{\"k\":\"two\\nlines\"}\n".utf8))
        #expect(json.bytes.isEmpty)
    }

    /// Every character that JSON wants escaped, and those that it does not.
    @Test func anyTextComesBackFromAParser() throws {
        let controls = String(String.UnicodeScalarView((0...0xA0).compactMap { Unicode.Scalar($0) }))
        for value in [controls, "\"\\/", "žena 人 👩‍👩‍👧 \u{2028}\u{FEFF}", "e\u{301}", "", "\u{10FFFF}"] {
            var json = JSONLine()
            json.object { $0.put(value, value) }
            #expect(!json.bytes.contains { $0 < 0x20 || $0 == 0x7F })
            let parsed = try JSONSerialization.jsonObject(with: Data(json.bytes)) as? [String: String]
            let back = try #require(parsed?.first)
            #expect(Array(back.value.unicodeScalars) == Array(value.unicodeScalars))
            #expect(Array(back.key.unicodeScalars) == Array(value.unicodeScalars))
        }
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity]) func whatIsNotFiniteIsNull(_ value: Double) {
        #expect(text { $0.put("v", value, decimals: 3) } == #"{"v":null}"#)
    }

    @Test func theLargestNumbersAreNumbers() throws {
        for value in [1e15, -1e15, 9e15, 1e300, -.greatestFiniteMagnitude, Double(Int64.max)] {
            let data = Data(text { $0.put("v", value, decimals: 4) }.utf8)
            let parsed = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Double])
            #expect(parsed["v"] == value)
        }
    }

    @Test(arguments: [
        (0, 0, "0"), (0, 3, "0.000"), (1, 1, "1.0"), (-1.25, 2, "-1.25"), (0.05, 1, "0.1"), (0.0049, 2, "0.00"),
        (-0.0004, 3, "0.000"), (-0.0006, 3, "-0.001"), (12345.6789, 1, "12345.7"), (0.99996, 4, "1.0000"), (7, 0, "7"),
        (-7.5, 0, "-8"), (.leastNonzeroMagnitude, 3, "0.000"),
    ]) func decimalsAreFixed(_ value: Double, _ decimals: Int, _ expected: String) {
        #expect(JSONLine.fixed(value, decimals: decimals) == expected)
    }

    /// printf rounds the binary value, this the decimal product: they may part at a tie only.
    @Test func decimalsAgreeWithPrintf() {
        var random = SplitMix64(seed: 11)
        for _ in 0..<20_000 {
            let decimals = Int.random(in: 0...6, using: &random)
            let value = Double.random(in: -1...1, using: &random) * pow(10, Double.random(in: -4...6, using: &random))
            let scaled = (value * pow(10, Double(decimals))).magnitude
            if abs(scaled - scaled.rounded(.down) - 0.5) < 1e-6 { continue }
            let printed = String(format: "%.\(decimals)f", value)
            let isNegativeZero = printed.hasPrefix("-") && !printed.contains { "123456789".contains($0) }
            #expect(
                JSONLine.fixed(value, decimals: decimals) == (isNegativeZero ? String(printed.dropFirst()) : printed))
        }
    }
}
