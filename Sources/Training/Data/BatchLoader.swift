public import DataSets
import Media
import Pipeline
import Synchronization

/// Decodes and augments the pictures of training on threads of its own, some batches ahead, and hands them out in order.
///
/// What sample number n is depends on the seed and on n alone: not on threads, batch or where training was resumed.
public final class BatchLoader: Sendable {
    private let queue: OrderedQueue<Result<TrainingBatch, any Error>>
    private let interrupt = Interrupt()
    private let bad: BadPictures
    private let threads: Locked<[StageThread]>

    /// - Parameters:
    ///   - sizes: of the input, by iteration: sample / (batch * subdivisions).
    ///   - batch: pictures that are run at once (`NetOptions.miniBatch`).
    ///   - subdivisions: batches to an iteration.
    ///   - firstSample: the number of the first picture; to resume, what `seen` was.
    ///   - threads: at least 1. Each has one batch in work.
    ///   - cacheBytes: decoded pictures that are kept, three bytes a pixel, together.
    ///   - detectionShare: in a set with pictures of both kinds, the part of the samples that have boxes; `nil`: as it
    ///     comes.
    ///   - ahead: finished batches that wait, at least 1. With those in work they take 12 bytes a pixel.
    /// - Throws: `BatchLoaderError` for a data set that cannot give such samples, `ThreadError`.
    public init(
        _ dataSet: DataSet, augmentation: Augmentation, sizes: SizeSchedule, batch: Int, subdivisions: Int = 1,
        seed: UInt64, firstSample: Int = 0, threads: Int = 1, cacheBytes: Int = 1 << 30,
        badPictures: BadPictureRule = .stop, order: DrawOrder = .uniform, detectionShare: Double? = nil, ahead: Int = 2
    ) throws {
        precondition(batch > 0 && subdivisions > 0 && firstSample >= 0 && threads > 0)
        try Self.check(dataSet.samples, augmentation)
        let order = try SampleOrder(dataSet.samples, order: order, share: detectionShare, seed: seed)
        queue = OrderedQueue(capacity: ahead, producers: threads)
        bad = BadPictures(badPictures)
        let cache = PictureCache(byteLimit: cacheBytes, mostPixels: Self.mostPixels(augmentation, sizes))
        self.threads = Locked([])
        let tickets = Tickets()
        // The threads hold all but the loader, so that dropping it ends them.
        let (queue, interrupt, bad) = (queue, interrupt, bad)
        for number in 0..<threads {
            let thread = try StageThread("loader \(number)") {
                let maker = SampleMaker(
                    dataSet.samples, augmentation: augmentation, order: order, seed: seed, cache: cache,
                    badPictures: bad, interrupt: interrupt)
                var isWanted = true
                while isWanted && !interrupt.isCancelled {
                    let position = tickets.next()
                    let first = firstSample + position * batch
                    let size = sizes.size(iteration: first / (batch * subdivisions))
                    let made = Result {
                        try Self.batch(
                            maker, samples: first..<first + batch, PixelSize(width: size.width, height: size.height),
                            interrupt)
                    }
                    isWanted = queue.push(made, at: position)
                    if case .failure = made { isWanted = false }
                }
            }
            self.threads.withLock { $0.append(thread) }
        }
    }

    deinit { close() }

    /// The next batch; waits for it. One thread at a time.
    ///
    /// - Throws: what kept it from being made, naming the picture, once; then, and after `close()`, that the loader is
    ///   closed.
    public func next() throws -> TrainingBatch {
        guard let made = queue.pop() else { throw BatchLoaderError("the pictures' loader is closed") }
        if case .failure = made { close() }
        return try made.get()
    }

    /// Ends the threads, from any thread; a waiting `next()` throws.
    public func close() {
        interrupt.cancel()
        queue.cancel()
        for thread in threads.withLock({ threads in
            defer { threads = [] }
            return threads
        }) { thread.join() }
    }

    /// Pictures that were skipped so far, each once, in the order they were found in.
    public var skipped: [BadPicture] { bad.problems }

    private static func batch(
        _ maker: SampleMaker, samples: Range<Int>, _ size: PixelSize, _ interrupt: Interrupt
    ) throws -> TrainingBatch {
        let count = 3 * size.width * size.height
        var targets: [Target] = []
        let images = try [Float](unsafeUninitializedCapacity: samples.count * count) { images, initialized in
            guard let base = images.baseAddress else { return }
            for number in samples {
                if interrupt.isCancelled { throw BatchLoaderError("the pictures' loader is closed") }
                let canvas = InputCanvas(values: base + targets.count * count, size: size)
                targets.append(try maker.make(number, into: canvas))
            }
            initialized = samples.count * count
        }
        return TrainingBatch(
            firstSample: samples.lowerBound, width: size.width, height: size.height, images: images, targets: targets)
    }

    private static func check(_ samples: [Sample], _ augmentation: Augmentation) throws(BatchLoaderError) {
        guard augmentation.isClassifiers, let odd = samples.first(where: \.isDetection) else { return }
        let place = odd.file.isEmpty ? "" : "\(odd.file):\(odd.line): "
        throw BatchLoaderError(
            "\(place)\(odd.image): has no class as a whole; a network without a region layer is trained on such pictures"
        )
    }

    /// Twice the longest side that is ever looked at: jitter shows a part of the picture.
    private static func mostPixels(_ augmentation: Augmentation, _ sizes: SizeSchedule) -> Int {
        let sides = sizes.sizes.map { size in
            let side = max(size.width, size.height)
            guard augmentation.placement == .classifierCrop else { return side }
            let crops = augmentation.cropSides.sides(width: size.width)
            return max(side, crops.least, crops.most)
        }
        return 2 * (sides.max() ?? 1)
    }

    /// The numbers of the batches, each given out once.
    private final class Tickets: Sendable {
        private let count = Atomic(0)

        func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).oldValue }
    }
}

extension Augmentation {
    /// Made for pictures of one class each.
    var isClassifiers: Bool { placement == .classifierCrop || placement == .centerCrop }
}
