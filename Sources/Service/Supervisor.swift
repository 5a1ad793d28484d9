import CPlatform
import Detection
import Foundation
import Logging
import Pipeline
import Streams

/// The running streams, brought in step with what `streams.conf` says. One thread at a time.
final class Supervisor {
    /// What makes a stream the one it is; equal plans mean that it is left alone.
    private struct Plan: Hashable {
        let settings: StreamSettings
        let network: Networks.Key
    }

    private struct Running {
        let plan: Plan
        let stream: LiveStream
    }

    private let surroundings: LiveStream.Surroundings
    private let logger: Logger
    private var networks = Networks()
    private var running: [String: Running] = [:]

    init(_ surroundings: LiveStream.Surroundings) {
        self.surroundings = surroundings
        logger = surroundings.logger
    }

    /// Starts, restarts and stops streams until they are these. Throws before anything is changed, when a network cannot
    /// be loaded.
    ///
    /// - Returns: how many streams were started or stopped.
    @discardableResult
    func apply(_ wanted: [StreamSettings]) throws -> Int {
        let plans = wanted.map { Plan(settings: $0, network: Networks.Key($0.analysis.network)) }
        var loaded: [Networks.Key: LoadedNetwork] = [:]
        do {
            for plan in plans {
                loaded[plan.network] = try networks.network(plan.network, logger: logger)
            }
        } catch {
            networks.keepOnly(Set(running.values.map(\.plan.network)))
            throw error
        }
        let wantedPlans = Set(plans)
        let gone = running.values.filter { !wantedPlans.contains($0.plan) }
        stop(gone)
        networks.keepOnly(Set(plans.map(\.network)))
        var changes = gone.count
        for plan in plans where running[plan.settings.name] == nil {
            guard let network = loaded[plan.network] else { continue }
            let stream = try LiveStream(plan.settings, network: network, in: surroundings)
            running[plan.settings.name] = Running(plan: plan, stream: stream)
            changes += 1
        }
        return changes
    }

    /// Stops all and waits for them.
    func stopAll() { stop(Array(running.values)) }

    private func stop(_ streams: [Running]) {
        // All are asked before any is waited for.
        for stopping in streams { stopping.stream.stop() }
        for stopping in streams {
            stopping.stream.wait()
            running[stopping.plan.settings.name] = nil
        }
        lk_trim_heaps()
    }
}
