import Detection
import Media
import Pipeline

/// A stream goes on at another size, or cannot; for its log.
struct SizeReport: Sendable {
    let from: InputShape
    let to: InputShape
    /// See `SizeControl.Step`.
    let dropped: Double
    /// Why it stays as it was.
    let failure: (any Error)?

    /// For people.
    var message: String {
        if let failure { return "cannot be analysed at \(to.text), stays at \(from.text): \(failure)" }
        let reason =
            to.area > from.area ? "there is room again" : "\(Int((dropped * 100).rounded())) % of frames were dropped"
        return "analysing at \(to.text) (was \(from.text)): \(reason)"
    }
}

/// The sizes that the slots of an engine are analysed at. A change is decided by `SizeControl`; then each lane makes its
/// session for the new size, one lane after the other while the others go on, so that no frame waits for one; and only
/// when all have it, it is used. A lane that is the only one makes it, too, and the frames of all streams wait meanwhile.
/// One change at a time. Belongs to the engine, as its lock does.
struct SlotSizes {
    private struct Change {
        let step: SizeControl<ObjectIdentifier>.Step
        let slot: FrameSlot
        let from: InputShape
        let to: InputShape
        /// Lanes that have no session for it yet.
        var lacking: Set<Int>
        var isBeingMade = false
    }

    private let lanes: Int
    private var control: SizeControl<ObjectIdentifier>
    private var change: Change?
    /// Changes whenever lanes have something to let go of.
    private(set) var generation = 0

    init(lanes: Int) {
        self.lanes = lanes
        control = SizeControl(lanes: lanes)
    }

    /// The network's input for the slot's frames. The slot has had a picture.
    func shape(of slot: FrameSlot) -> InputShape {
        let largest = slot.shapes.count - 1
        return slot.shapes[min(control.rung(of: ObjectIdentifier(slot)) ?? largest, largest)]
    }

    /// Has the slot's sizes be those for this picture.
    mutating func adapt(_ slot: FrameSlot, to frame: Frame) {
        let before = slot.shapes
        slot.adapt(to: frame)
        if !slot.isClosed { control.set(slot.shapes.map(\.area), of: ObjectIdentifier(slot)) }
        guard slot.shapes != before, !before.isEmpty else { return }
        // It was to one of those.
        if change?.slot === slot { change = nil }
        generation += 1
    }

    /// A frame came to a slot, which was adapted to it. Where lanes wait for the output to write (a disk that hangs, say)
    /// it does not count: no size helps that, and other streams are not to give way for it.
    ///
    /// - Parameter dropsOther: one that waited gave way to it.
    mutating func wanted(
        _ slot: FrameSlot, dropsOther: Bool, of slots: [ObjectIdentifier: FrameSlot], at now: MonotonicTime
    ) {
        guard slot.unwritten - slot.computing <= lanes else { return }
        control.wanted(ObjectIdentifier(slot), dropsOther: dropsOther)
        guard change == nil, let step = control.step(at: now), let slot = slots[step.id] else { return }
        change = Change(
            step: step, slot: slot, from: slot.shapes[step.from], to: slot.shapes[step.to], lacking: Set(0..<lanes))
    }

    /// A frame of a slot took a lane so many seconds.
    mutating func analysed(_ slot: FrameSlot, _ shape: InputShape, seconds: Double, at now: MonotonicTime) {
        control.analysed(ObjectIdentifier(slot), area: shape.area, seconds: seconds, at: now)
    }

    mutating func remove(_ slot: FrameSlot) {
        control.remove(ObjectIdentifier(slot))
        if change?.slot === slot { change = nil }
        generation += 1
    }

    // MARK: A change

    /// What the lane is to make ready now, if anything.
    mutating func preparation(for lane: Int) -> (slot: FrameSlot, shape: InputShape)? {
        guard let change, !change.isBeingMade, change.lacking.contains(lane) else { return nil }
        self.change?.isBeingMade = true
        return (change.slot, change.to)
    }

    /// The lane has made it, or could not.
    ///
    /// - Returns: what came of the change, if that ends it.
    mutating func prepared(
        _ slot: FrameSlot, _ shape: InputShape, by lane: Int, _ result: Result<Void, any Error>, at now: MonotonicTime
    ) -> SizeReport? {
        // The stream may have ended meanwhile, or its pictures have another shape.
        guard var current = change, current.slot === slot, current.to == shape else { return nil }
        var failure: (any Error)?
        switch result {
        case .success:
            current.isBeingMade = false
            current.lacking.remove(lane)
            change = current
            guard current.lacking.isEmpty else { return nil }
            control.took(current.step, at: now)
        case .failure(let error):
            failure = error
            control.failed(current.step, at: now)
        }
        change = nil
        generation += 1
        return SizeReport(from: current.from, to: current.to, dropped: current.step.dropped, failure: failure)
    }

    /// What lanes keep sessions for.
    func kinds(of slots: some Sequence<FrameSlot>) -> Set<InferenceLane.Kind> {
        var kinds = Set(slots.filter { !$0.shapes.isEmpty }.map { InferenceLane.Kind($0, shape(of: $0)) })
        if let change { kinds.insert(InferenceLane.Kind(change.slot, change.to)) }
        return kinds
    }
}

extension InputShape {
    /// In pixels.
    var area: Int { width * height }

    fileprivate var text: String { "\(width)x\(height)" }
}
