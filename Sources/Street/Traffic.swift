/// Somebody on the street at one moment.
struct Actor {
    var kind: StreetKind
    /// Metres from the picture's middle along the street, and from its near edge.
    var x: Double
    var depth: Double
    var heading: Heading
    /// Decides what it looks like.
    var look: Dice
    /// Metres moved so far; nil for what does not move.
    var travelled: Double?
    /// Metres a second.
    var speed: Double
    /// Where the hand is that holds a dog's lead, ahead of the dog and up, in metres.
    var lead: Point?
    var holdsLead = false

    func figure(_ light: Light) -> any Figure {
        switch kind {
        case .person:
            Walker(
                look, heading: heading, travelled: travelled, speed: speed, isRaining: light.isRaining,
                holdsLead: holdsLead)
        case .cyclist: Cyclist(look, travelled: travelled ?? 0, hasLamps: light.isDusk)
        case .car: Car(look, travelled: travelled ?? 0, hasLamps: light.isDusk, isParked: travelled == nil)
        case .van: Van(look, travelled: travelled ?? 0, hasLamps: light.isDusk && travelled != nil)
        case .dog: Dog(look, travelled: travelled ?? 0, lead: lead)
        }
    }
}

/// A strip of the street along which everyone moves at one speed, so that nobody runs into anybody. Time is cut into
/// slots, and whether somebody comes in a slot, and who, depends on the seed, the lane and the slot's number alone.
struct Lane {
    enum Use { case walking, cycling, driving }

    let use: Use
    let number: Int
    let depth: Double
    /// 1 to the right, -1 to the left.
    let direction: Double
    /// Metres a second.
    let speed: Double
    /// Metres from slot to slot.
    let spacing: Double
    /// How many slots are taken, 0...1.
    let occupancy: Double

    /// What takes more room than this drives into its neighbour.
    private var longest: Double {
        switch use {
        case .walking: 5
        case .cycling: 3
        case .driving: 7
        }
    }

    /// Everyone who may be seen at `time`, in seconds.
    func actors(at time: Double, seed: UInt64, view: View, crossing: Crossing?) -> [Actor] {
        // Slots are counted by when they pass the crossing; only wheels wait for walkers.
        let gap = spacing / speed
        let stops = use == .walking ? nil : crossing
        let slotsPerPeriod = stops.map { max(1, Int($0.green / gap)) } ?? 1
        let period = stops == nil ? gap : Crossing.period
        let centre = stops?.x ?? 0
        let half = view.halfWidth(depth) + 4
        let earliest = time - (half - direction * centre) / speed
        let latest = time + (half + direction * centre) / speed
        let first = Int((earliest / period).rounded(.down)) - 1
        let last = Int((latest / period).rounded(.down)) + 1
        var actors: [Actor] = []
        for number in first...last {
            for slot in 0..<slotsPerPeriod {
                var dice = Dice(seed, 100 + self.number, number, slot)
                guard dice.chance(occupancy) else { continue }
                let late = dice.real(0, gap - longest / speed)
                let passing = Double(number) * period + Double(slot) * gap + late
                guard passing >= earliest, passing <= latest else { continue }
                let travelled = speed * (time - passing)
                actors += comers(&dice, x: centre + direction * travelled, travelled: travelled)
            }
        }
        return actors
    }

    /// Who comes in a slot: one, or a few together.
    private func comers(_ dice: inout Dice, x: Double, travelled: Double) -> [Actor] {
        let heading: Heading = direction > 0 ? .right : .left
        func comer(_ kind: StreetKind, ahead: Double = 0, aside: Double = 0) -> Actor {
            Actor(
                kind: kind, x: x + direction * ahead, depth: depth + aside, heading: heading, look: Dice(dice.next()),
                travelled: travelled + dice.real(0, 2), speed: speed)
        }
        switch use {
        case .cycling: return [comer(.cyclist, aside: dice.real(-0.25, 0.25))]
        case .driving: return [comer(dice.chance(0.52) ? .car : .van, aside: dice.real(-0.15, 0.15))]
        case .walking:
            let share = dice.real(0, 1)
            if share < 0.33 || (speed > 2 && share < 0.75) { return [comer(.person, aside: dice.real(-0.2, 0.2))] }
            if share < 0.61 || speed > 2 { return [comer(.dog, aside: dice.real(-0.2, 0.2))] }
            if share < 0.9 {
                var dog = comer(.dog, ahead: 1.15, aside: -0.15)
                dog.lead = Point(-1.02, 0.93)
                var walker = comer(.person, ahead: -0.2)
                walker.holdsLead = true
                return [walker, dog]
            }
            return [comer(.person), comer(.person, ahead: dice.real(-0.3, 0.3), aside: 0.55)]
        }
    }
}

/// Where walkers cross the road. In every period vehicles come while it is green, then walkers go.
struct Crossing {
    let x: Double

    static let period = 28.0
    /// Seconds of a period in which vehicles pass.
    let green = 17.5
    /// Metres a second.
    private static let speed = 1.7
    private static let mostWalkers = 3

    /// Everyone on their way along one pavement, over the road and along the other.
    func actors(at time: Double, seed: UInt64, view: View, nearKerb: Double, farKerb: Double) -> [Actor] {
        let now = Int((time / Self.period).rounded(.down))
        var actors: [Actor] = []
        for number in now - 2...now + 2 {
            for walker in 0..<Self.mostWalkers {
                var dice = Dice(seed, 50, number, walker)
                guard dice.chance(0.42) else { continue }
                let start = Double(number) * Self.period + green + 0.8 + dice.real(0, 1.3)
                let place = x - 1.1 + Double(walker) * 1.1 + dice.real(-0.25, 0.25)
                let comesNearer = dice.chance(0.5)
                let (first, last) = (dice.chance(0.5) ? 1.0 : -1.0, dice.chance(0.5) ? 1.0 : -1.0)
                let near = nearKerb - dice.real(0.5, 1.8)
                let far = farKerb + dice.real(0.5, 1.6)
                let (from, to) = comesNearer ? (far, near) : (near, far)
                // Metres past the place on the first pavement where the walker turns to the road.
                let way = Self.speed * (time - start) + abs(from - (comesNearer ? farKerb : nearKerb))
                let across = abs(to - from)
                var actor = Actor(
                    kind: .person, x: place, depth: from, heading: .toward, look: Dice(dice.next()),
                    travelled: way + 100, speed: Self.speed)
                if way < 0 {
                    actor.x = place - first * -way
                    actor.heading = first > 0 ? .right : .left
                } else if way < across {
                    actor.depth = from + (to - from) * way / across
                    actor.heading = comesNearer ? .toward : .away
                } else {
                    actor.x = place + last * (way - across)
                    actor.depth = to
                    actor.heading = last > 0 ? .right : .left
                }
                if abs(actor.x) < view.halfWidth(actor.depth) + 2 { actors.append(actor) }
            }
        }
        return actors
    }
}

extension Place {
    /// Everyone who may be in view, from far to near.
    func actors(at time: Double, seed: UInt64) -> [Actor] {
        var actors = parked
        for lane in lanes { actors += lane.actors(at: time, seed: seed, view: view, crossing: crossing) }
        if let crossing {
            actors += crossing.actors(at: time, seed: seed, view: view, nearKerb: nearKerb, farKerb: farKerb)
        }
        return actors.sorted { ($0.depth, $0.x) > ($1.depth, $1.x) }
    }
}
