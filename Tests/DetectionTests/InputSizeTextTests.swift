import Detection
import Testing

@Suite struct InputSizeTextTests {
    @Test(arguments: [
        ("network", InputSize.network), ("auto", .auto), ("416x256", .fixed(width: 416, height: 256)),
        ("32X4096", .fixed(width: 32, height: 4096)), ("416", .fixed(width: 416, height: 416)),
        ("416xauto", .longerSide(416)), ("32Xauto", .longerSide(32)),
    ]) func sizes(text: String, size: InputSize) throws { #expect(try InputSize(text: text) == size) }

    @Test(arguments: [
        "", "Auto", "x", "416x", "x416", "416x256x3", "autox416", "xauto", "100xauto", "416xautox", "0",
        "16", "100", "4128", "-32", "416.0", "99999999999999999999",
    ])
    func noSizes(text: String) {
        let error = #expect(throws: DetectionError.self) { try InputSize(text: text) }
        #expect(error?.description.hasPrefix(text) == true)
    }
}
