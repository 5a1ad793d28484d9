import Darknet
import Foundation
import Media
import Pipeline

/// A data set of stills, each of another street at another moment, with labels as Darknet has them:
///
///     FOLDER/images/00000.jpg ...   labels/00000.txt ...   train.txt   valid.txt   street.names   street.data
///
/// The same options give the same files, whatever the threads.
public struct StreetStills: Sendable {
    /// Of every picture; `nil`: 640x360, and of two in five one and a half times or twice that.
    public var size: StreetSize?
    /// 1...2^31 - 1; no two have a street in common, nor has any with the seeds below 2^32.
    public var seed: UInt64 = 1
    /// How many to train with, at least 1.
    public var count = 3000
    /// How many to judge with, of other streets. They come after the others in the numbering of the files.
    public var validCount = 0
    /// Pictures made at once.
    public var threads = 1

    public init() {}

    /// Names with five digits.
    public static let countLimit = 100_000
    public static let seeds: ClosedRange<UInt64> = 1...1 << 31 - 1

    private static let usualSize = StreetSize(width: 640, height: 360)
    /// What the cameras that compress hardest and least do, on the scale of libjpeg: 0...100.
    private static let qualities = 45.0...95.0
    /// An hour and more of each street.
    private static let moments: UInt64 = 100_000

    /// One picture to be made.
    struct Still: Hashable {
        let options: StreetOptions
        let moment: Int
        /// See `PictureWriter`.
        let quality: Int
    }

    /// The picture of a number below `count + validCount`. Those to judge with have streets of their own, which stay
    /// the same when `count` changes.
    func still(_ number: Int) -> Still {
        let isValid = number >= count
        let street = seed << 32 | (isValid ? 1 << 31 | UInt64(number - count) : UInt64(number))
        var numbers = SeededNumbers(seed: ~street)
        let moment = Int(numbers.next() % Self.moments)
        let quality = Self.qualities.lowerBound + numbers.uniform() * (Self.qualities.upperBound - 45)
        let share = numbers.uniform()
        var size = size ?? Self.usualSize
        if self.size == nil && share >= 0.6 { size = size.scaled(by: share < 0.8 ? 1.5 : 2) }
        return Still(
            options: StreetOptions(seed: street, width: size.width, height: size.height), moment: moment,
            quality: Self.encoderQuality(quality))
    }

    /// libjpeg's scale in that of `PictureWriter`, whose tables are about alike at 50 and 16.
    private static func encoderQuality(_ quality: Double) -> Int {
        let scale = quality < 50 ? 50 / quality : 2 - quality / 50
        return min(max(Int((16 * scale).rounded()), 2), 31)
    }

    // MARK: Writing

    /// Makes the folder; it has its name only when it is whole. What had been written when this throws is removed.
    ///
    /// - Parameters:
    ///   - folder: not there yet, or empty.
    ///   - progress: told how many pictures are done, on any thread.
    ///   - isStopped: asked before each picture, on any thread; once `true`, this throws `.interrupted`.
    /// - Returns: how many objects are labelled, by kind.
    public func write(
        to folder: String, progress: @escaping @Sendable (Int) -> Void, isStopped: @escaping @Sendable () -> Bool
    ) throws -> [StreetKind: Int] {
        // Found before anything is written.
        _ = try Street(still(0).options)
        let place = try StillFolder(folder)
        defer { place.removePartial() }
        let total = count + validCount
        let tally = Locked(Tally(rest: 0..<total))
        let stages = StageGroup { tally.withLock { $0.rest = total..<total } }
        for thread in 0..<min(threads, total) {
            stages.start("stills-\(thread)") { [self] in
                while let number = tally.withLock({ $0.rest.popFirst() }) {
                    if isStopped() { throw MediaError(.interrupted, folder, "stopped; nothing was left there") }
                    let kinds = try write(number, to: place)
                    progress(tally.withLock { $0.add(kinds) })
                }
            }
        }
        try stages.wait()
        try writeLists(to: place)
        try place.commit()
        return tally.withLock { $0.objects }
    }

    /// What the threads share.
    private struct Tally {
        /// The numbers of the pictures that nobody makes yet.
        var rest: Range<Int>
        var done = 0
        var objects: [StreetKind: Int] = [:]

        /// - Returns: how many pictures are done.
        mutating func add(_ kinds: [StreetKind]) -> Int {
            for kind in kinds { objects[kind, default: 0] += 1 }
            done += 1
            return done
        }
    }

    /// - Returns: the kinds of the objects labelled.
    private func write(_ number: Int, to place: StillFolder) throws -> [StreetKind] {
        let still = still(number)
        let picture = try Street(still.options).picture(at: still.moment)
        let name = Self.name(number)
        let writer = try PictureWriter(
            like: picture.frame, format: .jpeg, quality: still.quality, subject: "images/\(name).jpg")
        try place.write(writer.encode(try writer.canvas(for: picture.frame)), to: "images/\(name).jpg")
        let truths = picture.objects.filter(\.isTruth)
        let lines = truths.map { $0.label(width: still.options.width, height: still.options.height) }
        try place.write(lines.joined(), to: "labels/\(name).txt")
        return truths.map(\.kind)
    }

    private func writeLists(to place: StillFolder) throws {
        var data = DataFile()
        data.classes = StreetKind.allCases.count
        data.names = "street.names"
        for (part, numbers) in [("train", 0..<count), ("valid", count..<count + validCount)] where !numbers.isEmpty {
            try place.write(numbers.map { "images/\(Self.name($0)).jpg\n" }.joined(), to: "\(part).txt")
        }
        data.train = "train.txt"
        data.valid = validCount > 0 ? "valid.txt" : nil
        try place.write(StreetKind.allCases.map { $0.name + "\n" }.joined(), to: "street.names")
        try place.write(data.text(), to: "street.data")
    }

    static func name(_ number: Int) -> String { String(format: "%05d", number) }
}

extension StreetSize {
    /// Even, as the street's are.
    fileprivate func scaled(by scale: Double) -> StreetSize {
        StreetSize(width: Int(Double(width) * scale / 2) * 2, height: Int(Double(height) * scale / 2) * 2)
    }
}

extension StreetObject {
    /// A line of Darknet's labels: class, centre and size relative to the picture.
    fileprivate func label(width pictureWidth: Int, height pictureHeight: Int) -> String {
        let (across, down) = (Double(pictureWidth), Double(pictureHeight))
        return String(
            format: "%d %.6f %.6f %.6f %.6f\n", kind.rawValue, (x + width / 2) / across, (y + height / 2) / down,
            width / across, height / down)
    }
}
