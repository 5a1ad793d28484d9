import Testing

@testable import Streams

@Suite struct DecodePolicyTests {
    private func expect(
        _ policy: inout DecodePolicy, waited: Double, isKey: Bool, isDisposable: Bool, _ skip: FrameCounts.Skip?,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let skipped = policy.skips(waited: waited, isKey: isKey, isDisposable: isDisposable)
        #expect(skipped == skip, sourceLocation: sourceLocation)
    }

    @Test func inTimeEverythingIsDecoded() {
        var policy = DecodePolicy()
        for waited in [0, 0.2, 0.9] {
            expect(&policy, waited: waited, isKey: false, isDisposable: true, nil)
        }
    }

    @Test func lateOnlyWhatOthersNeed() {
        var policy = DecodePolicy()
        expect(&policy, waited: 1.1, isKey: false, isDisposable: true, .nonReference)
        expect(&policy, waited: 1.1, isKey: false, isDisposable: false, nil)
        // Not at once back: that would swing to and fro.
        expect(&policy, waited: 0.8, isKey: false, isDisposable: true, .nonReference)
        expect(&policy, waited: 0.2, isKey: false, isDisposable: true, nil)
    }

    @Test func veryLateOnlyKeyFramesUntilOneComesInTime() {
        var policy = DecodePolicy()
        expect(&policy, waited: 2.1, isKey: false, isDisposable: false, .nonKey)
        expect(&policy, waited: 2.1, isKey: true, isDisposable: false, nil)
        // In time again, but built on pictures that were skipped.
        expect(&policy, waited: 0.1, isKey: false, isDisposable: false, .nonKey)
        expect(&policy, waited: 0.1, isKey: true, isDisposable: false, nil)
        expect(&policy, waited: 0.1, isKey: false, isDisposable: false, nil)
    }

    @Test func fromLateToVeryLate() {
        var policy = DecodePolicy()
        expect(&policy, waited: 1.5, isKey: false, isDisposable: false, nil)
        expect(&policy, waited: 2.5, isKey: false, isDisposable: false, .nonKey)
    }
}
