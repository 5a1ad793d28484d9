import Darknet

/// Choices that depend on nothing but the numbers they were made from.
struct Dice {
    private var numbers: SeededNumbers

    /// Every part is stirred in by itself: (1, 2) and (2, 1) have nothing in common.
    init(_ seed: UInt64, _ parts: Int...) {
        var state = seed
        for part in parts {
            var stirred = SeededNumbers(seed: state ^ UInt64(bitPattern: Int64(part)) &* 0xD6E8_FEB8_6659_FD93)
            state = stirred.next()
        }
        numbers = SeededNumbers(seed: state)
    }

    mutating func next() -> UInt64 { numbers.next() }

    mutating func real(_ from: Double, _ to: Double) -> Double { from + (to - from) * numbers.uniform() }

    mutating func whole(_ from: Int, _ to: Int) -> Int { from + Int(numbers.uniform() * Double(to - from + 1)) }

    mutating func chance(_ share: Double) -> Bool { numbers.uniform() < share }

    mutating func pick<Element>(_ values: [Element]) -> Element {
        values[Int(numbers.uniform() * Double(values.count))]
    }

    /// One of the values, each as often as its weight says.
    mutating func pick<Element>(weighted values: [(Double, Element)]) -> Element {
        var left = numbers.uniform() * values.reduce(0) { $0 + $1.0 }
        for (weight, value) in values {
            left -= weight
            if left < 0 { return value }
        }
        return values[values.count - 1].1
    }
}
