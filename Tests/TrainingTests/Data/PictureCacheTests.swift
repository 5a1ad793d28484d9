import DataSets
import Media
import TestSupport
import Testing

@testable import Training

@Suite struct PictureCacheTests {
    @Test func itsBoundIsKept() throws {
        let pictures = try MadePictures(20)
        let cache = PictureCache(byteLimit: 40_000, mostPixels: 100)
        for _ in 0..<2 {
            for sample in pictures.samples { _ = try cache.picture(sample.image, interrupt: Interrupt()) }
        }
        #expect(cache.byteCount <= 40_000 && cache.byteCount > 20_000)
    }
}
