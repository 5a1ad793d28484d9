import ArgumentParser
import Street

/// Which street, and how much of it.
struct StreetSceneOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Chooses the place, the light, the weather and who comes by.", valueName: "n"))
    var seed: UInt64 = Self.usual.seed

    @Option(help: ArgumentHelp("How long it lasts.", valueName: "seconds"))
    var seconds = Self.usualSeconds

    @Option(help: ArgumentHelp("Of its pictures: even, 64 to 4096.", valueName: "WxH"))
    var size = StreetSize(width: Self.usual.width, height: Self.usual.height)

    @Option(help: ArgumentHelp("Pictures a second, 1 to 120.", valueName: "n"))
    var rate = Self.usual.frameRate

    /// The street that is shown when nothing is said, which the built-in network has never seen.
    private static let usual = StreetOptions(seed: 2026)
    private static let usualSeconds = 10.0
    private static let longest = 3600.0
    /// Of a street whose truth is kept in memory, and its videos in the temporary folder.
    private static let mostFrames = 100_000
    private static let mostPixels = 15e9

    func validate() throws {
        guard (0...Self.longest).contains(seconds), frames >= 1 else {
            throw ValidationError("--seconds is \(seconds); it must be one picture to \(Int(Self.longest)) seconds")
        }
    }

    /// What is too much for a demo, which keeps all of it until the end; a video alone may be longer.
    func checkLength() throws {
        let pixels = Double(frames) * Double(size.width) * Double(size.height)
        guard frames > Self.mostFrames || pixels > Self.mostPixels else { return }
        throw ValidationError(
            "--seconds, --rate and --size make \(frames) pictures of \(size), which is too much for a demo; it takes "
                + "\(Self.mostFrames) pictures, and 10 minutes of 1280x720 at 25 a second")
    }

    var street: StreetOptions {
        StreetOptions(seed: seed, width: size.width, height: size.height, frameRate: rate)
    }

    var frames: Int { Int((seconds * Double(clamped: rate)).rounded()) }

    var isUsual: Bool { street == Self.usual && seconds == Self.usualSeconds }
}

extension StreetSize: ExpressibleByArgument {}

extension Double {
    /// A rate that the street will refuse by itself makes no overflow before.
    fileprivate init(clamped rate: Int) { self = Double(min(max(rate, 1), 1000)) }
}
