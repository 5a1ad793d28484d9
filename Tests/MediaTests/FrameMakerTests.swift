import Testing

@testable import Media

@Suite struct FrameMakerTests {
    private func frame(_ height: Int, blue: UInt8, green: UInt8, red: UInt8) throws -> Frame {
        let maker = try FrameMaker(width: 64, height: height, frameRate: 25)
        return try maker.frame(50) { pixels, stride in
            for row in 0..<height {
                for column in 0..<64 {
                    let pixel = pixels + row * stride + 4 * column
                    (pixel[0], pixel[1], pixel[2]) = (blue, green, red)
                }
            }
        }
    }

    /// What every sample of each plane is; nil where they differ.
    private func levels(_ frame: Frame) throws -> [Int?] {
        let planes = try [
            frame.bytes(plane: 0, width: frame.width, height: frame.height),
            frame.bytes(plane: 1, width: frame.width / 2, height: frame.height / 2),
            frame.bytes(plane: 2, width: frame.width / 2, height: frame.height / 2),
        ]
        return planes.map { Set($0).count == 1 ? Int($0[0]) : nil }
    }

    @Test func `colours are in limited range`() throws {
        for (level, luma) in [(0, 16), (128, 126), (255, 235)] as [(UInt8, Int)] {
            let frame = try frame(64, blue: level, green: level, red: level)
            #expect(!frame.layout.fullRange)
            #expect(try levels(frame) == [luma, 128, 128])
        }
    }

    /// Pure green's samples tell the matrices apart.
    @Test func `the matrix is the size's`() throws {
        let small = try frame(576, blue: 0, green: 255, red: 0)
        #expect(small.yuvImage?.matrix == .bt601)
        #expect(try levels(small) == [145, 54, 34])
        let large = try frame(720, blue: 0, green: 255, red: 0)
        #expect(large.yuvImage?.matrix == .bt709)
        #expect(try levels(large) == [173, 42, 26])
    }

    @Test func `frames are counted and timed`() throws {
        let frame = try frame(64, blue: 1, green: 2, red: 3)
        #expect(frame.index == 50 && frame.timestamp == 50 && frame.seconds == 2)
        #expect(frame.pixelFormatName == "yuv420p" && frame.pixelAspect == 1)
    }
}
