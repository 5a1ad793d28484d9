import Foundation
import Media
import Testing

@testable import Street

/// The picture's samples, without what lies between its rows.
private func samples(_ frame: Frame) throws -> [UInt8] {
    let image = try #require(frame.yuvImage)
    var bytes: [UInt8] = []
    for (plane, stride, width, height) in [
        (image.y, image.yStride, image.width, image.height),
        (image.u, image.uStride, image.width / 2, image.height / 2),
        (image.v, image.vStride, image.width / 2, image.height / 2),
    ] {
        for row in 0..<height { bytes += UnsafeBufferPointer(start: plane + row * stride, count: width) }
    }
    return bytes
}

@Suite struct StreetTests {
    @Test func `a picture depends on the seed and its index alone`() throws {
        for seed in [3, 6] as [UInt64] {
            let options = StreetOptions(seed: seed, width: 320, height: 180)
            let indices = [0, 7, 500, 100_000]
            let (forth, back) = (try Street(options), try Street(options))
            let pictures = try indices.map { try forth.picture(at: $0) }
            for (index, picture) in zip(indices, pictures).reversed() {
                let again = try back.picture(at: index)
                #expect(again.objects == picture.objects)
                #expect(try samples(again.frame) == samples(picture.frame))
            }
            #expect(try samples(pictures[0].frame) != samples(pictures[1].frame))
        }
    }

    @Test func `another seed is another street`() throws {
        let pictures = try (1...6).map { seed in
            try samples(Street(StreetOptions(seed: seed, width: 160, height: 90)).picture(at: 10).frame)
        }
        #expect(Set(pictures).count == 6)
    }

    @Test func `frames are as a decoder gives them`() throws {
        for (width, height) in [(64, 64), (640, 360), (1280, 720)] {
            let options = StreetOptions(seed: 2, width: width, height: height, frameRate: 10)
            let frame = try Street(options).picture(at: 25).frame
            #expect(frame.width == width && frame.height == height)
            #expect(frame.pixelFormatName == "yuv420p")
            #expect(frame.yuvImage?.matrix == (height >= 720 ? .bt709 : .bt601))
            #expect(frame.yuvImage?.fullRange == false)
            #expect(frame.index == 25 && frame.timestamp == 25 && frame.seconds == 2.5)
        }
    }

    @Test func `boxes lie in the picture`() throws {
        for seed in 1...10 as ClosedRange<UInt64> {
            let street = try Street(StreetOptions(seed: seed, width: 320, height: 180, frameRate: 1))
            for index in 0..<6 {
                for object in try street.picture(at: index * 7).objects {
                    #expect(object.x >= 0 && object.y >= 0 && object.width > 0 && object.height > 0)
                    #expect(object.x + object.width <= 320 && object.y + object.height <= 180)
                    #expect(object.visible > 0 && object.visible <= 1)
                    let isLarge = object.height >= 180 / 32.0 && object.width >= 180 / 90.0
                    #expect(object.isTruth == (object.visible >= 0.35 && isLarge))
                }
            }
        }
    }

    @Test func `another size shows the same`() throws {
        for seed in [4, 12, 18] as [UInt64] {
            let large = try Street(StreetOptions(seed: seed)).picture(at: 60).objects.filter(\.isTruth)
            let small = try Street(StreetOptions(seed: seed, width: 640, height: 360)).picture(at: 60).objects
            #expect(!large.isEmpty)
            for object in large {
                let isThere = small.contains { other in
                    other.kind == object.kind
                        && [
                            2 * other.x - object.x, 2 * other.y - object.y,
                            2 * (other.x + other.width) - object.x - object.width,
                            2 * (other.y + other.height) - object.y - object.height,
                        ].allSatisfy { abs($0) <= 4 }
                        && abs(other.visible - object.visible) < 0.06
                }
                #expect(isThere, "seed \(seed): \(object)")
            }
        }
    }

    @Test func `another rate shows the same`() throws {
        for seed in [5, 9] as [UInt64] {
            let objects = try [(1, 3), (25, 75), (120, 360)].map { rate, index in
                try Street(StreetOptions(seed: seed, width: 320, height: 180, frameRate: rate)).picture(at: index)
                    .objects
            }
            #expect(!objects[0].isEmpty)
            #expect(objects[1] == objects[0] && objects[2] == objects[0])
        }
    }

    @Test func `every kind is seen often`() throws {
        var counts = [StreetKind: Int]()
        var fullest = 0
        for seed in 1...40 as ClosedRange<UInt64> {
            let street = try Street(StreetOptions(seed: seed, width: 320, height: 180, frameRate: 1))
            for index in 0..<6 {
                let truth = try street.picture(at: index * 5).objects.filter(\.isTruth)
                for object in truth { counts[object.kind, default: 0] += 1 }
                fullest = max(fullest, truth.count)
            }
        }
        let all = Double(counts.values.reduce(0, +))
        #expect((4...12).contains(all / 240), "\(all / 240) objects a picture")
        #expect(fullest >= 14)
        for kind in StreetKind.allCases {
            let share = Double(counts[kind] ?? 0) / all
            #expect(share > 0.085 && share < 0.45, "\(kind): \(share)")
        }
    }

    @Test func `any size is drawn`() throws {
        for (width, height) in [(64, 64), (4096, 64), (64, 4096), (66, 1000)] {
            let picture = try Street(StreetOptions(seed: 8, width: width, height: height)).picture(at: 30)
            let luma = try samples(picture.frame).prefix(width * height)
            #expect(Set(luma).count > 20)
            #expect(luma.allSatisfy { (16...235).contains($0) })
        }
    }

    @Test func `what cannot be is refused`() throws {
        for (options, words) in [
            (StreetOptions(width: 62), "width 62"), (StreetOptions(width: 4098), "width 4098"),
            (StreetOptions(height: 719), "height 719"), (StreetOptions(height: -720), "height -720"),
            (StreetOptions(frameRate: 0), "0 frames a second"), (StreetOptions(frameRate: 121), "121 frames a second"),
        ] {
            let error = #expect(throws: StreetError.self) { try Street(options) }
            #expect(error?.description.contains(words) == true)
        }
        let street = try Street(StreetOptions(width: 64, height: 64))
        for index in [-1, Street.indices.upperBound, .min, .max] {
            let error = #expect(throws: StreetError.self) { try street.picture(at: index) }
            #expect(error?.description.contains("\(index)") == true)
        }
    }

    @Test func `it goes on for ever`() throws {
        let street = try Street(StreetOptions(seed: 14, width: 320, height: 180, frameRate: 25))
        var seen = Set<[StreetObject]>()
        for index in [0, 1_000_000_000, 1_000_000_001, 123_456_789_012, Street.indices.upperBound - 1] {
            let objects = try street.picture(at: index).objects
            #expect(seen.insert(objects).inserted)
        }
        #expect(seen.flatMap { $0 }.count > 10)
    }
}
