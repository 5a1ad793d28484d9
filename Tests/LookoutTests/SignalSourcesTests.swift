import Foundation
import Testing

@testable import lookout

@Suite struct SignalSourcesTests {
    /// Ignored before, so that one which is lost does not end the tests.
    @Test func signalsAreHandledFromTheStartAndThenAsBefore() {
        signal(SIGUSR2, SIG_IGN)
        let handled = DispatchSemaphore(value: 0)
        var sources: SignalSources? = SignalSources([SIGUSR2]) { number in
            if number == SIGUSR2 { handled.signal() }
        }
        kill(getpid(), SIGUSR2)
        #expect(handled.wait(timeout: .now() + 30) == .success)
        withExtendedLifetime(sources) {}
        sources = nil
        let after = signal(SIGUSR2, SIG_DFL)
        #expect(unsafeBitCast(after, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self))
    }
}
