import Testing

@testable import Annotation

@Suite struct MaskCacheTests {
    static let style = TextStyle(fontSize: 11, maxWidth: 100, chromaShiftX: 0, chromaShiftY: 0)

    static func key(_ number: Int) -> MaskCache.Key { MaskCache.Key(text: "\(number)", style: style) }

    static func mask(byteCount: Int) -> TextMask {
        let plane = AlphaPlane(width: byteCount / 2, height: 1, samples: Array(repeating: 0, count: byteCount / 2))
        return TextMask(luma: plane, chroma: plane)
    }

    @Test func rendersOnce() {
        var cache = MaskCache(byteLimit: 10_000)
        var renders = 0
        for _ in 0..<3 {
            let mask = cache.mask(for: Self.key(1)) {
                renders += 1
                return Self.mask(byteCount: 100)
            }
            #expect(mask == Self.mask(byteCount: 100))
        }
        #expect(renders == 1)
    }

    @Test func anotherStyleIsAnotherMask() {
        var cache = MaskCache(byteLimit: 10_000)
        _ = cache.mask(for: Self.key(1)) { Self.mask(byteCount: 100) }
        var large = Self.key(1)
        large.style.fontSize = 12
        #expect(cache.mask(for: large) { Self.mask(byteCount: 200) } == Self.mask(byteCount: 200))
    }

    @Test func textThatCannotBeDrawnIsRemembered() {
        var cache = MaskCache(byteLimit: 10_000)
        #expect(cache.mask(for: Self.key(1)) { nil } == nil)
        #expect(cache.mask(for: Self.key(1)) { Self.mask(byteCount: 100) } == nil)
    }

    @Test func staysWithinItsLimitAndKeepsWhatIsInUse() {
        var cache = MaskCache(byteLimit: 20_000)
        var rendersOfFirst = 0
        for number in 1...1000 {
            _ = cache.mask(for: Self.key(number)) { Self.mask(byteCount: 1000) }
            _ = cache.mask(for: Self.key(0)) {
                rendersOfFirst += 1
                return Self.mask(byteCount: 1000)
            }
            #expect(cache.byteCount <= 20_000)
            #expect(cache.count * 1000 <= 20_000)
        }
        #expect(rendersOfFirst == 1)
        #expect(cache.count > 5)
    }

    @Test func whatIsTooLargeIsNotKept() {
        var cache = MaskCache(byteLimit: 10_000)
        #expect(cache.mask(for: Self.key(1)) { Self.mask(byteCount: 20_000) } == Self.mask(byteCount: 20_000))
        #expect(cache.count == 0 && cache.byteCount == 0)
    }
}
