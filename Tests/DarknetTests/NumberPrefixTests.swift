import Testing

@testable import Darknet

@Suite struct NumberPrefixTests {
    @Test(
        arguments: [
            ("12", 12, false), ("-1", -1, false), ("+7", 7, false), ("2#x", 2, true), ("64.0", 64, true),
            ("", nil, false),
            ("x", nil, true), ("-", nil, true), ("99999999999999999999", .max, false), ("٣", nil, true),
        ] as [(String, Int?, Bool)])
    func integers(text: String, value: Int?, hasRest: Bool) {
        let prefix = NumberPrefix<Int>(text)
        #expect(prefix.value == value && prefix.hasRest == hasRest)
    }

    @Test(
        arguments: [
            ("1.5", 1.5, false), (".1", 0.1, false), ("1.", 1, false), ("-.5e3", -500, false), ("1e-7", 1e-7, false),
            ("1e", 1, true), ("1e+", 1, true), ("2#x", 2, true), ("1.5.2", 1.5, true), (".", nil, true),
            ("", nil, false),
            ("nan", nil, true), ("inf", nil, true), ("0x10", 0, true), ("1E2", 100, false), ("1e99", .infinity, false),
        ] as [(String, Float?, Bool)])
    func floats(text: String, value: Float?, hasRest: Bool) {
        let prefix = NumberPrefix<Float>(text)
        #expect(prefix.value == value && prefix.hasRest == hasRest, "\(prefix)")
    }
}
