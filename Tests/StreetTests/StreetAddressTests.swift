import Testing

@testable import Street

struct StreetAddressTests {
    @Test func whatIsNotSaidIsOrdinary() throws {
        #expect(try StreetAddress.options("demo:street") == StreetAddress.ordinary)
        #expect(try StreetAddress.options("demo:street?") == StreetAddress.ordinary)
    }

    @Test func seedSizeAndRateAreRead() throws {
        let options = try StreetAddress.options("demo:street?seed=18446744073709551615&size=640x360&rate=10")
        #expect(options.seed == .max)
        #expect(options.width == 640 && options.height == 360 && options.frameRate == 10)
        #expect(StreetAddress.text(options) == "demo:street?seed=18446744073709551615&size=640x360&rate=10")
    }

    @Test(arguments: [
        ("demo:", "names no scene"), ("demo:beach", "names no scene"), ("DEMO:Street", "names no scene"),
        ("demo:street?sed=1", "\"sed\", which is not known; known are seed, size and rate"),
        ("demo:street?seed=-1", "seed=-1"), ("demo:street?seed", "seed=;"), ("demo:street?seed=1&", "\"\""),
        ("demo:street?seed=7&rate=5&seed=8", "seed twice"),
        ("demo:street?size=640", "size=640"), ("demo:street?size=axb", "size=axb"), ("demo:street?size=4x4x4", "4x4x4"),
        ("demo:street?rate=ten", "rate=ten"), ("demo:street?rate=0", "0"), ("demo:street?size=63x64", "63"),
        ("demo:street?size=99999999999999999999x64", "99999999999999999999"),
    ])
    func whatIsWrongIsNamed(_ address: String, _ expected: String) {
        #expect(StreetAddress.isOne(address))
        do {
            let options = try StreetAddress.options(address)
            Issue.record("taken as \(options)")
        } catch {
            #expect("\(error)".contains(expected), "\(error)")
        }
    }

    @Test(arguments: ["demo", "rtsp://demo:street@host/", "/demo:street", "./demo:street"])
    func otherAddressesAreNone(_ address: String) {
        #expect(!StreetAddress.isOne(address))
    }
}
