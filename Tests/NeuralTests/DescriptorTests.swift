import CDNNL
import Testing

@testable import Neural

@Suite struct DescriptorTests {
    @Test func offsets() throws {
        let plain = try Descriptor([2, 20, 3, 5])
        #expect(plain.byteCount == 2 * 20 * 3 * 5 * 4)
        #expect(plain.offset(n: 1, c: 19, h: 2, w: 4) == 599)
        // 20 channels take two blocks of 16.
        let blocked = try Descriptor([2, 20, 3, 5], lk_layout_blocked16)
        #expect(blocked.byteCount == 2 * 32 * 3 * 5 * 4)
        #expect(blocked.offset(n: 1, c: 19, h: 2, w: 4) == 480 + 240 + 14 * 16 + 3)
        let last = try Descriptor([2, 20, 3, 5], lk_layout_channels_last)
        #expect(last.offset(n: 1, c: 19, h: 2, w: 4) == 599)
        #expect(last.offset(c: 7, h: 1, w: 2) == (5 + 2) * 20 + 7)
    }

    @Test func noFormula() throws {
        #expect(try Descriptor([20]).offset(c: 1) == nil)
        #expect(try Descriptor([1, 4, 2, 2], lk_layout_any).offset(c: 1) == nil)
    }

    @Test func equality() throws {
        #expect(try Descriptor([1, 16, 4, 4]) == Descriptor([1, 16, 4, 4]))
        #expect(try Descriptor([1, 16, 4, 4]) != Descriptor([1, 16, 4, 4], lk_layout_blocked8))
        #expect(try Descriptor([1, 16, 4, 4]) != Descriptor([1, 16, 4, 5]))
    }

    /// What is refused arrives as an error that names the call.
    @Test func impossibleExtents() {
        #expect {
            try Descriptor([1, 2, 3, 4, 5, 6])
        } throws: { error in
            guard case .engine(let call, let status, _) = error as? NeuralError else { return false }
            return call == "lk_desc_create" && status == "invalid_arguments"
        }
    }
}

@Suite struct MemoryTests {
    @Test(arguments: [0, 1, 4, 4096, 5 << 20])
    func zeroedAndAligned(byteCount: Int) throws {
        let memory = try Memory(byteCount: byteCount, purpose: "test")
        #expect(Int(bitPattern: memory.start) % (byteCount >= 2 << 20 ? 2 << 20 : 4096) == 0)
        #expect(memory.floats.count == byteCount / 4 && memory.floats.allSatisfy { $0 == 0 })
        memory.floats.update(repeating: 1)
    }

    @Test(arguments: [-1, 1 << 60, Int.max])
    func impossible(byteCount: Int) {
        #expect(throws: NeuralError.memory(byteCount: byteCount, purpose: "test")) {
            try Memory(byteCount: byteCount, purpose: "test")
        }
    }
}
