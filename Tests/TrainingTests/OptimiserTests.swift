import Darknet
import Foundation
import TestSupport
import Testing
import Training

@Suite struct OptimiserTests {
    /// Parameters of one kind with their gradient and state.
    private struct Parameters {
        var values: [Float]
        var gradient: [Float]
        var state: [Float]

        init(_ values: [Float], per: Int = 1) {
            self.values = values
            gradient = Array(repeating: 0, count: values.count)
            state = Array(repeating: 0, count: per * values.count)
        }

        mutating func step(
            _ optimiser: Optimiser, range: Range<Int>? = nil, isDecayed: Bool = true, rate: Float, iteration: Int = 1
        ) {
            values.withUnsafeMutableBufferPointer { values in
                gradient.withUnsafeMutableBufferPointer { gradient in
                    state.withUnsafeMutableBufferPointer { state in
                        optimiser.step(
                            values: values, gradient: gradient, state: state, range: range, isDecayed: isDecayed,
                            learningRate: rate, iteration: iteration)
                    }
                }
            }
        }
    }

    private static func net(_ change: (inout NetOptions) -> Void = { _ in }) -> NetOptions {
        var net = NetOptions(width: 32, height: 32)
        net.batch = 64
        net.subdivisions = 8
        net.momentum = 0.9
        net.decay = 0.0005
        change(&net)
        return net
    }

    /// Check C26 of the spec, whose gradients point upwards.
    @Test func momentumAndDecay() {
        let optimiser = Optimiser(Self.net())
        #expect(optimiser.statePerValue == 1)
        // More than a vector, so that its tail is computed too.
        var parameters = Parameters(Array(repeating: 1, count: 7))
        let steps: [(gradient: Float, value: Float, momentum: Float)] = [
            (-6.4, 1.0000995, -5.7312), (3.2, 1.00013854995, -2.2492771344), (0, 1.00017319484, -1.9955454307),
        ]
        for step in steps {
            parameters.gradient = Array(repeating: step.gradient, count: 7)
            parameters.step(optimiser, rate: 0.001)
            #expect(parameters.values.allSatisfy { abs($0 - step.value) < 2e-7 })
            #expect(parameters.state.allSatisfy { abs($0 - step.momentum) < 2e-6 })
            #expect(parameters.gradient == Array(repeating: 0, count: 7))
        }
    }

    @Test func biasesAreNeitherDecayedNorClipped() {
        let optimiser = Optimiser(Self.net { $0.clip = 0.5 })
        var parameters = Parameters([2, -2])
        parameters.step(optimiser, isDecayed: false, rate: 1)
        #expect(parameters.values == [2, -2] && parameters.state == [0, 0])
        parameters.step(optimiser, isDecayed: true, rate: 1)
        #expect(parameters.values == [0.5, -0.5])
    }

    /// Divergence must not hide behind the clip, nor be spread.
    @Test func whatIsNoNumberStaysNone() {
        for adam in [false, true] {
            let optimiser = Optimiser(
                Self.net {
                    $0.clip = 1
                    $0.adam = adam
                })
            var parameters = Parameters(Array(repeating: 0.5, count: 9), per: optimiser.statePerValue)
            parameters.gradient[3] = .nan
            parameters.step(optimiser, rate: 0.1)
            #expect(parameters.values.indices.filter { parameters.values[$0].isNaN } == [3])
        }
    }

    /// Threads take ranges of their own: the sum of the ranges is the whole.
    @Test(arguments: [false, true]) func rangesMakeTheWhole(adam: Bool) {
        let optimiser = Optimiser(Self.net { $0.adam = adam })
        var numbers = UniformNumbers()
        let count = 1003
        var whole = Parameters(numbers.array(count) { $0 - 0.5 }, per: optimiser.statePerValue)
        var parts = whole
        for iteration in 1...3 {
            whole.gradient = numbers.array(count) { $0 - 0.5 }
            parts.gradient = whole.gradient
            whole.step(optimiser, rate: 0.01, iteration: iteration)
            for range in [0..<1, 1..<500, 500..<500, 500..<1003] {
                parts.step(optimiser, range: range, rate: 0.01, iteration: iteration)
            }
            #expect(whole.values == parts.values && whole.state == parts.state && parts.gradient == whole.gradient)
        }
    }

    /// Against the rule in Double.
    @Test func adam() {
        let net = Self.net {
            $0.adam = true
            $0.epsilon = 1e-3
        }
        let optimiser = Optimiser(net)
        #expect(optimiser.statePerValue == 2)
        var numbers = UniformNumbers()
        var parameters = Parameters(numbers.array(11) { $0 - 0.5 }, per: 2)
        var (values, first) = (parameters.values.map(Double.init), [Double](repeating: 0, count: 11))
        var second = first
        for iteration in 1...20 {
            parameters.gradient = numbers.array(11) { $0 - 0.5 }
            for index in 0..<11 {
                let g: Double = Double(parameters.gradient[index]) + 0.032 * values[index]
                first[index] = 0.9 * first[index] + 0.1 * g
                second[index] = 0.999 * second[index] + 0.001 * g * g
                let mean: Double = first[index] / (1 - pow(0.9, Double(iteration)))
                let square: Double = second[index] / (1 - pow(0.999, Double(iteration)))
                values[index] -= 0.01 * mean / (square.squareRoot() + 1e-3)
            }
            parameters.step(optimiser, rate: 0.01, iteration: iteration)
        }
        for index in 0..<11 {
            #expect(abs(Double(parameters.values[index]) - values[index]) < 1e-5)
            #expect(abs(Double(parameters.state[index]) - first[index]) < 1e-6)
            #expect(abs(Double(parameters.state[11 + index]) - second[index]) < 1e-6)
        }
    }

    /// A batch that its subdivisions do not divide is run, and averaged, in whole mini-batches.
    @Test func oddBatches() {
        var parameters = Parameters([0])
        parameters.gradient = [9]
        parameters.step(
            Optimiser(
                Self.net {
                    $0.batch = 10
                    $0.subdivisions = 3
                }), rate: 1)
        #expect(parameters.values == [-1])
        parameters = Parameters([0])
        parameters.gradient = [9]
        parameters.step(Optimiser(Self.net(), pictures: 3), rate: 1)
        #expect(parameters.values == [-3])
    }
}
