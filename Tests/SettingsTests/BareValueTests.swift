import TestSupport
import Testing

@testable import Settings

@Suite struct BareValueTests {
    @Test(arguments: [
        "0", "-0", "+5", "10", "1_000", "0xdead_BEEF", "0o17", "0b1_0", "5.0", "-0.5", "1e5", "1.5E-3", "6_2.5_0e+1_0",
        "inf",
        "-inf", "+nan",
    ]) func numbers(word: String) throws {
        #expect(BareValue.isNumber(word) && !BareValue.isDateOrTime(word))
        #expect(try Document.parse("x = \(word)", file: "").count == 1)
    }

    @Test(arguments: [
        "", "-", "01", "+01.5", "1_", "_1", "1__0", "1.", ".5", "1.e5", "1e", "1e5.0", "0x", "-0x1", "0xg", "0o8",
        "0b2", "0X1",
        "1-1", "--1", "infinity", "10m", "1.2.3", "1e5e5",
    ]) func noNumbers(word: String) { #expect(!BareValue.isNumber(word)) }

    @Test(arguments: [
        "1979-05-27", "07:32:00", "07:32:00.123456789", "1979-05-27T07:32:00", "1979-05-27t07:32:00Z",
        "1979-05-27T07:32:00.5-07:00",
    ]) func datesAndTimes(word: String) throws {
        #expect(BareValue.isDateOrTime(word) && !BareValue.isNumber(word))
        #expect(try Document.parse("x = \(word)", file: "")["x"]?.value == .time)
    }

    @Test(arguments: [
        "1979-5-27", "1979-05-27T", "1979-05-27X07:32:00", "07:32", "07:3", "07:32:00Z", "07:32:00.",
        "1979-05-27T07:32:00+0700",
        "1979-05-27T07:32:00.1.2", "07:32:00.1234567890",
    ]) func noDatesAndTimes(word: String) { #expect(!BareValue.isDateOrTime(word)) }

    /// Whatever has these forms, the TOML reader takes or refuses; it aborts on some that have not.
    @Test func theReaderStandsThem() {
        let signs = Array("0123456789012345678900+-_.:eExobTZinfa ")
        let starts = ["", "0x", "-", "1979-05-27", "07:32:0", "1979-05-27 07:32:00.5", "9999-99-99", "99:99:99"]
        var random = SplitMix64(seed: 4)
        var sound = 0
        for _ in 0..<30_000 {
            let rest = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                signs.randomElement(using: &random) ?? "0"
            }
            let text = "x = \(starts.randomElement(using: &random) ?? "")\(String(rest))"
            if let root = try? Document.parse(text, file: "") { sound += root.count }
        }
        #expect(sound > 500)
    }
}
