import Darknet
import Detection
import Foundation
import Media
import Streams
import Testing

@testable import lookout

@Suite struct ExitCodesTests {
    @Test(arguments: [
        (MediaError.Kind.noInput, EX_NOINPUT), (.badData, EX_DATAERR), (.unsupported, EX_UNAVAILABLE),
        (.cannotCreate, EX_CANTCREAT), (.cannotWrite, EX_IOERR), (.inputOutput, EX_IOERR),
        (.unavailable, EX_UNAVAILABLE),
    ])
    func mediaErrors(kind: MediaError.Kind, code: Int32) {
        #expect(sysexit(for: MediaError(kind, "a.mp4", "is wrong")) == code)
    }

    @Test(arguments: [
        (DarknetError.Kind.cannotRead, EX_NOINPUT), (.cannotWrite, EX_CANTCREAT), (.malformed, EX_DATAERR),
        (.mismatch, EX_DATAERR),
    ])
    func darknetErrors(kind: DarknetError.Kind, code: Int32) {
        #expect(sysexit(for: DarknetError(kind, file: "a.cfg", message: "is wrong")) == code)
    }

    @Test func outputs() {
        #expect(sysexit(for: OutputError("a", "no", whileCreating: true)) == EX_CANTCREAT)
        #expect(sysexit(for: OutputError("a", "no", whileCreating: false)) == EX_IOERR)
    }

    @Test func onlyOutputsFailForAllInputs() {
        #expect(OutputError("a", "no", whileCreating: false).isOutputFailure)
        #expect(MediaError(.cannotWrite, "a.mp4", "disk full").isOutputFailure)
        #expect(!MediaError(.inputOutput, "a.mp4", "read error").isOutputFailure)
        #expect(!CocoaError(.fileNoSuchFile).isOutputFailure)
    }

    @Test func foreignErrorsAreLeftToTheParser() {
        #expect(sysexit(for: CocoaError(.fileNoSuchFile)) == nil)
    }
}
