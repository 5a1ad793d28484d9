import Darknet
import Neural
import TestSupport
import Testing

/// Small networks of everything a cfg can hold, layer by layer against the plain reference.
@Suite struct PlanBuilderTests {
    @Test(arguments: [Activation.linear, .leaky, .relu, .logistic, .tanh, .elu])
    func activation(_ activation: Activation) throws {
        try expectAgreement(
            .network([.conv(8, activation: activation), .conv(5, 1, norm: true, activation: activation)]))
    }

    /// Channels that no block of 8 or 16 divides: what a layout pads must stay out of the result.
    @Test(arguments: [1, 2, 3, 4, 5, 7, 15, 16, 17, 24, 33, 64, 125])
    func channelCount(_ channels: Int) throws {
        try expectAgreement(
            .network(
                [.conv(channels, activation: .logistic), .pool(2, 2), .conv(channels, 1), .conv(3)], channels: channels)
        )
    }

    @Test(arguments: [
        (1, 1, 0), (1, 2, 0), (3, 1, 0), (3, 2, 1), (3, 1, 3), (5, 3, 2), (7, 2, 3), (2, 2, 0), (11, 4, 5),
    ])
    func convolution(size: Int, stride: Int, padding: Int) throws {
        try expectAgreement(
            .network(
                [.conv(16), .conv(24, size, stride: stride, padding: padding), .conv(4, 1, activation: .linear)],
                height: 13))
    }

    @Test(arguments: [(4, 8, 2), (16, 16, 16), (32, 64, 2), (12, 6, 3), (48, 32, 4)])
    func groups(input: Int, filters: Int, groups: Int) throws {
        try expectAgreement(
            .network([.conv(input), .conv(filters, groups: groups, norm: true), .conv(8, 1)], width: 9, height: 7))
    }

    @Test(arguments: [
        (2, 2, nil), (2, 1, nil), (3, 2, nil), (3, 1, nil), (3, 3, 0), (2, 2, 0), (1, 2, nil), (5, 2, 4), (3, 2, 4),
    ])
    func maxpool(size: Int, stride: Int, padding: Int?) throws {
        for side in [11, 12] {
            try expectAgreement(
                .network([.conv(20), .pool(size, stride, padding: padding), .conv(6, 1)], width: side, height: 13))
            try expectAgreement(.network([.pool(size, stride, padding: padding)], width: side, height: 13))
        }
    }

    /// Check C8 of the spec.
    @Test func maxpoolOfNine() throws {
        let config = NetworkConfig.network([.pool(2, 1), .route(0)], width: 3, height: 3, channels: 1)
        let model = try Model(config: config, weights: WeightsFile(layers: [:]))
        let image: [Float] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
        #expect(try Session(model: model, width: 3, height: 3, threads: 1).run(image) == [5, 6, 6, 8, 9, 9, 8, 9, 9])
        let wide = NetworkConfig.network([.pool(2, 2)], width: 3, height: 3, channels: 1)
        let session = try Session(
            model: Model(config: wide, weights: WeightsFile(layers: [:])), width: 3, height: 3, threads: 1)
        #expect(try session.run(image) == [5, 6, 8, 9])
    }

    @Test(arguments: [1, 3])
    func classifier(batch: Int) throws {
        var softmax = Softmax()
        softmax.groups = 2
        softmax.temperature = 1.7
        let layers: [Layer.Kind] = [
            .conv(16), .pool(2, 2), .dropout(Dropout()), .conv(10, 1, activation: .linear), .avgpool, .softmax(softmax),
            .cost(Cost()),
        ]
        try expectAgreement(.network(layers, height: 12), batch: batch)
    }

    @Test(arguments: ReorgOrder.allCases, [false, true])
    func reorg(order: ReorgOrder, reverse: Bool) throws {
        for channels in [4, 16, 12, 64] {
            for batch in [1, 2] {
                try expectAgreement(
                    .network([.conv(channels), .reorg(2, order, reverse: reverse), .conv(8, 1)], width: 12, height: 8),
                    batch: batch)
            }
        }
        try expectAgreement(.network([.reorg(3, order)], width: 6, height: 9, channels: 9))
    }

    /// YOLOv2's passthrough, with the channels that blocks divide and with those they do not.
    @Test(arguments: [(16, 16, 1), (16, 16, 3), (4, 5, 1), (5, 16, 1), (8, 24, 1), (3, 3, 2)])
    func passthrough(early: Int, late: Int, batch: Int) throws {
        let layers: [Layer.Kind] = [
            .conv(early * 4), .conv(early * 4), .pool(2, 2), .conv(late), .conv(late), .route(1), .conv(early * 4, 1),
            .reorg(2), .route(7, 4), .conv(16, norm: true), .conv(5, 1, activation: .linear),
        ]
        try expectAgreement(.network(layers), batch: batch)
    }

    @Test(arguments: [1, 2])
    func routes(batch: Int) throws {
        let networks: [[Layer.Kind]] = [
            // The same layer twice.
            [.conv(16), .route(0, 0), .conv(4, 1)],
            // A producer that is used elsewhere as well, before and after.
            [.conv(16), .conv(16), .route(0, 1), .conv(16), .route(1), .conv(16, 1), .route(5, 3, 0), .conv(4, 1)],
            // A concat of a concat, whose first part is in another concat too.
            [.conv(16), .conv(32), .route(0, 1), .conv(16), .route(2, 3), .route(0, 3), .route(4, 5), .conv(4, 1)],
            // Aliases, of aliases, of a pooled layer, and dropped out.
            [.conv(16), .pool(2, 1), .route(1), .dropout(Dropout()), .route(3), .route(4, 0), .conv(4, 1)],
            // Parts of unlike layouts: 3 and 16 channels, plain and blocked.
            [.conv(3, 1), .conv(16), .route(0, 1), .conv(4), .route(3, 2, 0), .conv(4, 1)],
            // The concat is the output, or its part is.
            [.conv(16), .conv(16), .route(1, 0)],
            [.conv(16), .conv(16), .route(1, 0), .route(0)],
            // A route that takes the pooled input itself.
            [.pool(2, 1), .conv(16), .route(0, 1), .conv(4, 1), .route(0)],
        ]
        for layers in networks { try expectAgreement(.network(layers, width: 10, height: 9), batch: batch) }
    }

    @Test func regionEndsTheNetwork() throws {
        var region = Region()
        region.classes = 3
        region.count = 2
        region.anchors = [1, 1, 2, 2]
        try expectAgreement(.network([.conv(16), .conv(16, 1, activation: .linear), .region(region)]))

        let config = NetworkConfig.network([.conv(16), .region(region), .conv(4)])
        let model = try Model(config: config, weights: .reproducible(config))
        #expect {
            try Session(model: model, width: 16, height: 16, threads: 1)
        } throws: { error in
            guard case .unsupported(let layer, _) = error as? NeuralError else { return false }
            return layer == "network test: layer 2 [convolutional]"
        }
    }

    @Test func refusals() throws {
        let layers: [(Layer.Kind, String)] = [
            (
                .conv(4, activation: .selu),
                "activation=selu is not supported; expected one of linear, leaky, relu, logistic, tanh, elu"
            ),
            (.pool(2, 1, padding: 3), "padding=3 puts whole windows of size 2 outside of the image"),
        ]
        for (layer, reason) in layers {
            let config = NetworkConfig.network([.conv(4), layer])
            let model = try Model(config: config, weights: .reproducible(config))
            #expect {
                try Session(model: model, width: 16, height: 16, threads: 1)
            } throws: { error in
                guard case .unsupported(let place, reason) = error as? NeuralError else { return false }
                return place.hasPrefix("network test: layer 1 ")
            }
        }
    }

    /// The convolution's line stands in what its errors say.
    @Test func placeInTheFile() throws {
        let text = "[net]\nwidth=8\nheight=8\nchannels=3\n\n[convolutional]\nfilters=2\nactivation=stair\n"
        let config = try NetworkConfig(parsing: text, file: "odd.cfg")
        let model = try Model(config: config, weights: .reproducible(config))
        #expect {
            try Session(model: model, width: 8, height: 8, threads: 1)
        } throws: {
            "\($0)".hasPrefix("odd.cfg:6: layer 0 [convolutional]: activation=stair is not supported")
        }
    }
}
