/// How one street is laid out: chosen by the seed alone.
struct Place {
    struct Band {
        enum Use { case pavement, cycleWay, road, parking }
        let use: Use
        let from: Double
        let to: Double
    }

    struct Fixture {
        let furniture: Furniture
        let x: Double
        let depth: Double
    }

    let view: View
    let light: Light
    /// From near to far.
    let bands: [Band]
    let lanes: [Lane]
    /// Where walkers cross, and when: traffic leaves a gap for them in every period.
    let crossing: Crossing?
    let parked: [Actor]
    let fixtures: [Fixture]
    /// The camera is not quite level, in radians.
    let roll: Double
    /// How far its sharpness spreads a pixel, 0...0.25.
    let blur: Double

    var nearKerb: Double { bands[0].to }
    var farKerb: Double { bands[bands.count - 1].from }

    init(seed: UInt64) {
        light = Light(Dice(seed, 1))
        var dice = Dice(seed, 2)
        var widths: [(Band.Use, Double)] = [(.pavement, dice.real(2.8, 3.4)), (.cycleWay, 1.5), (.road, 3), (.road, 3)]
        widths.append((.cycleWay, 1.5))
        let hasParking = dice.chance(0.55)
        if hasParking { widths.append((.parking, 2.1)) }
        widths.append((.pavement, dice.real(2.8, 3.6)))
        var depth = 0.0
        bands = widths.map { use, width in
            depth += width
            return Band(use: use, from: depth - width, to: depth)
        }
        let farScale = dice.real(0.051, 0.074)
        view = View(
            depth: depth, near: dice.real(0.9, 1.0), far: dice.real(0.30, 0.44),
            nearScale: farScale * dice.real(2.5, 3.4), farScale: farScale)
        roll = dice.real(-0.012, 0.012)
        blur = dice.real(0, 0.16)
        crossing = dice.chance(0.75) ? Crossing(x: dice.real(-2.5, 2.5)) : nil
        let rush = dice.real(0.3, 1)
        lanes = Self.lanes(bands, dice, rush: rush, leftHand: dice.chance(0.5))
        let crossingX = crossing?.x
        parked = Self.parked(bands, view, Dice(seed, 3), crossingX)
        fixtures = Self.fixtures(bands, view, Dice(seed, 4), crossingX, isLit: light.isDusk)
    }

    private static func lanes(_ bands: [Band], _ dice: Dice, rush: Double, leftHand: Bool) -> [Lane] {
        var dice = dice
        var lanes: [Lane] = []
        let nearSide = leftHand ? -1.0 : 1.0
        for (index, band) in bands.enumerated() {
            let middle = (band.from + band.to) / 2
            let direction = index < bands.count / 2 ? nearSide : -nearSide
            switch band.use {
            case .pavement:
                let start = index == 0 ? band.from + 0.3 : band.from + 0.5
                for row in 0..<3 {
                    lanes.append(
                        Lane(
                            use: .walking, number: lanes.count,
                            depth: start + Double(row) * (band.to - 0.5 - start) / 2,
                            direction: dice.chance(0.5) ? 1 : -1, speed: dice.real(1.0, 1.6),
                            spacing: dice.real(7.5, 10), occupancy: rush * (index == 0 ? 0.7 : 0.31)))
                }
                if dice.chance(0.35) {
                    lanes.append(
                        Lane(
                            use: .walking, number: lanes.count, depth: middle - 0.15,
                            direction: dice.chance(0.5) ? 1 : -1,
                            speed: dice.real(2.5, 3.2), spacing: 16, occupancy: rush * 0.3))
                }
            case .cycleWay:
                lanes.append(
                    Lane(
                        use: .cycling, number: lanes.count, depth: middle, direction: direction,
                        speed: dice.real(3.2, 5.2), spacing: dice.real(7, 10), occupancy: rush * 0.85))
            case .road:
                lanes.append(
                    Lane(
                        use: .driving, number: lanes.count, depth: middle, direction: direction,
                        speed: dice.real(4.5, 8), spacing: dice.real(9.5, 12.5), occupancy: rush * 0.95))
            case .parking: break
            }
        }
        return lanes
    }

    private static func parked(_ bands: [Band], _ view: View, _ dice: Dice, _ crossing: Double?) -> [Actor] {
        guard let band = bands.first(where: { $0.use == .parking }) else { return [] }
        var dice = dice
        let share = dice.real(0.1, 0.5)
        let depth = (band.from + band.to) / 2
        let half = view.halfWidth(depth) + 3
        var actors: [Actor] = []
        var x = -half + dice.real(0, 3)
        while x < half {
            let isTaken = dice.chance(share)
            if isTaken, crossing.map({ abs($0 - x) > 5.2 }) ?? true {
                actors.append(
                    Actor(
                        kind: dice.chance(0.45) ? .van : .car, x: x, depth: depth,
                        heading: dice.chance(0.7) ? .left : .right, look: Dice(dice.next()), travelled: nil, speed: 0))
            }
            x += 6.6
        }
        return actors
    }

    private static func fixtures(
        _ bands: [Band], _ view: View, _ dice: Dice, _ crossing: Double?, isLit: Bool
    ) -> [Fixture] {
        var dice = dice
        var fixtures: [Fixture] = []
        func place(_ sort: Furniture.Sort, _ depth: Double, near x: Double) {
            guard crossing.map({ abs($0 - x) > 2.4 }) ?? true else { return }
            fixtures.append(Fixture(furniture: Furniture(sort, Dice(dice.next()), isLit: isLit), x: x, depth: depth))
        }
        let farKerb = bands[bands.count - 1].from + 0.25
        let farHalf = view.halfWidth(farKerb)
        var x = -farHalf + dice.real(0, 5)
        let farSorts: [(Double, Furniture.Sort)] = [
            (3, .lampPost), (3, .tree), (1, .sign), (1, .bin), (1, .bollard), (1, .hydrant), (0.7, .shelter),
            (1, .bench),
        ]
        while x < farHalf {
            place(dice.pick(weighted: farSorts), farKerb, near: x)
            x += dice.real(3.5, 9)
        }
        let nearKerb = bands[0].to - 0.2
        let nearHalf = view.halfWidth(nearKerb)
        let nearSorts: [(Double, Furniture.Sort)] = [
            (2, .lampPost), (1.5, .tree), (1.5, .sign), (1, .bin), (2, .bollard), (1, .hydrant), (0.5, .shelter),
            (1, .bench),
        ]
        for _ in 0..<dice.whole(1, 3) {
            place(dice.pick(weighted: nearSorts), nearKerb, near: dice.real(-nearHalf, nearHalf))
        }
        let front = -0.15
        let frontHalf = view.halfWidth(0)
        let frontSorts: [(Double, Furniture.Sort)] = [
            (2, .lampPost), (2, .tree), (1, .bin), (2, .bollard), (1.2, .hedge), (1, .bench),
        ]
        for _ in 0..<dice.whole(0, 2) {
            let side = dice.chance(0.5) ? 1.0 : -1.0
            place(dice.pick(weighted: frontSorts), front, near: side * dice.real(0.35, 1) * frontHalf)
        }
        return fixtures.sorted { $0.depth > $1.depth }
    }
}
