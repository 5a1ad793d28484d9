// The networks of the YOLOv2 family, made from spec 3.1, 3.2 and 1.6; the tests compare them with the released cfgs.

extension NetworkConfig {
    public static let builtInNames = [
        "yolov2", "yolov2-voc", "yolov2-tiny", "yolov2-tiny-voc", "yolo9000", "darknet19", "darknet19_448",
        "darknet9000", "yolov2-paper", "yolov2-paper-voc",
    ]

    /// A network of `builtInNames`; nil for other names.
    ///
    /// `yolov2-paper` and `yolov2-paper-voc` are the network of the paper's figures, with 3072 channels where the
    /// passthrough joins; released as yolo.2.0 and yolo-voc.2.0. yolov2-paper's schedule is the paper's own.
    public static func builtIn(_ name: String) -> NetworkConfig? {
        switch name {
        case "yolov2":
            config(name, .detector(side: 608), body + passthrough + [prediction(425)], .coco(anchors: cocoAnchors))
        case "yolov2-voc":
            config(
                name, .detector(side: 416, batches: 80_200, steps: [40_000, 60_000]),
                body + passthrough + [prediction(125)], .voc(anchors: vocAnchors, jitter: 0.3))
        case "yolov2-tiny":
            config(
                name, .detector(side: 416), tiny(lastFilters: 512) + [prediction(425)],
                .coco(anchors: cocoAnchors, jitter: 0.2, rescore: false))
        case "yolov2-tiny-voc":
            config(
                name,
                .detector(
                    side: 416, batches: 40_200, burnIn: 0, steps: [-1, 100, 20_000, 30_000],
                    scales: [0.1, 10, 0.1, 0.1]),
                tiny(lastFilters: 1024) + [prediction(125)], .voc(anchors: paperVOCAnchors, jitter: 0.2))
        case "yolo9000": config(name, .yolo9000, body + [prediction(28_269)], .yolo9000)
        case "darknet19":
            NetworkConfig(
                builtIn: name, .darknet19, body + [prediction(1000), Layer(.avgpool), Layer(.softmax(Softmax()))])
        case "darknet19_448":
            NetworkConfig(
                builtIn: name, .classifier448(batch: 128, subdivisions: 4),
                body + [prediction(1000), Layer(.avgpool), Layer(.softmax(Softmax()))])
        case "darknet9000":
            NetworkConfig(builtIn: name, .classifier448(batch: 1, subdivisions: 1), body + darknet9000Head)
        case "yolov2-paper":
            // 160 epochs of trainval35k's 117,264 images in batches of 64; a tenth of the rate from 60 and from 90.
            config(
                name, .detector(side: 544, batches: 293_200, steps: [110_000, 165_000]),
                body + paperPassthrough + [prediction(425)], .coco(anchors: paperCOCOAnchors, jitter: 0.2))
        case "yolov2-paper-voc":
            config(
                name,
                .detector(
                    side: 416, rate: 0.0001, batches: 45_000, burnIn: 0, steps: [100, 25_000, 35_000],
                    scales: [10, 0.1, 0.1]),
                body + paperPassthrough + [prediction(125)], .voc(anchors: paperVOCAnchors, jitter: 0.2))
        default: nil
        }
    }

    private init(builtIn name: String, _ net: NetOptions, _ layers: [Layer]) {
        self.init(name: name, net: net, layers: layers)
        file = "built-in \(name)"
    }

    private static func config(
        _ name: String, _ net: NetOptions, _ layers: [Layer], _ region: Region
    ) -> NetworkConfig {
        NetworkConfig(builtIn: name, net, layers + [Layer(.region(region))])
    }

    // MARK: Layers

    private static func conv(_ filters: Int, _ size: Int) -> Layer {
        Layer(.convolutional(Convolution(filters: filters, size: size)))
    }

    private static func pool(stride: Int = 2) -> Layer { Layer(.maxpool(MaxPool(size: 2, stride: stride))) }

    /// The 1 x 1 convolution that ends a network, without batch normalisation.
    private static func prediction(_ filters: Int) -> Layer {
        Layer(.convolutional(Convolution(filters: filters, size: 1, batchNormalize: false, activation: .linear)))
    }

    /// A 3 x 3 convolution, then `pairs` times 1 x 1 with half the filters and 3 x 3 again.
    private static func block(_ filters: Int, pairs: Int) -> [Layer] {
        [conv(filters, 3)] + (0..<pairs).flatMap { _ in [conv(filters / 2, 1), conv(filters, 3)] }
    }

    /// Layers 0 to 22 of Darknet-19.
    private static let body =
        [conv(32, 3), pool(), conv(64, 3), pool()] + block(128, pairs: 1) + [pool()] + block(256, pairs: 1) + [pool()]
        + block(512, pairs: 2) + [pool()] + block(1024, pairs: 2)

    /// Layers 23 to 29 of YOLOv2.
    private static let passthrough = [
        conv(1024, 3), conv(1024, 3), Layer(.route(Route([16]))), conv(64, 1), Layer(.reorg(Reorg(stride: 2))),
        Layer(.route(Route([27, 24]))), conv(1024, 3),
    ]

    /// Layers 23 to 28 of the paper's network.
    private static let paperPassthrough = [
        conv(1024, 3), conv(1024, 3), Layer(.route(Route([16]))), Layer(.reorg(Reorg(stride: 2))),
        Layer(.route(Route([26, 24]))), conv(1024, 3),
    ]

    private static func tiny(lastFilters: Int) -> [Layer] {
        [16, 32, 64, 128, 256].flatMap { [conv($0, 3), pool()] }
            + [conv(512, 3), pool(stride: 1), conv(1024, 3), conv(lastFilters, 3)]
    }

    private static let darknet9000Head: [Layer] = {
        var softmax = Softmax()
        softmax.treeFile = "data/9k.tree"
        var cost = Cost()
        cost.type = .masked
        return [prediction(9418), Layer(.avgpool), Layer(.softmax(softmax)), Layer(.cost(cost))]
    }()

    // MARK: Anchors, in grid cells (spec 9)

    private static let vocAnchors: [Float] = [
        1.3221, 1.73145, 3.19275, 4.00944, 5.05587, 8.09892, 9.47112, 4.84053, 11.2364, 10.0071,
    ]
    private static let cocoAnchors: [Float] = [
        0.57273, 0.677385, 1.87446, 2.06253, 3.33843, 5.47434, 7.88282, 3.52778, 9.77052, 9.16828,
    ]
    private static let paperVOCAnchors: [Float] = [1.08, 1.19, 3.42, 4.41, 6.63, 11.38, 9.42, 5.11, 16.62, 10.52]
    private static let paperCOCOAnchors: [Float] = [
        0.738768, 0.874946, 2.42204, 2.65704, 4.30971, 7.04493, 10.246, 4.59428, 12.6868, 11.8741,
    ]
}

// MARK: Regions (spec 1.6)

extension Region {
    fileprivate init(classes: Int, anchors: [Float], jitter: Float, rescore: Bool) {
        self.init()
        self.classes = classes
        self.anchors = anchors
        count = anchors.count / 2
        self.jitter = jitter
        self.rescore = rescore
        softmax = true
        biasMatch = true
        random = true
        absolute = true
        objectScale = 5
        thresh = 0.6
    }

    fileprivate static func voc(anchors: [Float], jitter: Float) -> Region {
        Region(classes: 20, anchors: anchors, jitter: jitter, rescore: true)
    }

    fileprivate static func coco(anchors: [Float], jitter: Float = 0.3, rescore: Bool = true) -> Region {
        Region(classes: 80, anchors: anchors, jitter: jitter, rescore: rescore)
    }

    fileprivate static let yolo9000: Region = {
        let anchors: [Float] = [0.77871, 1.14074, 3.00525, 4.31277, 9.22725, 9.61974]
        var region = Region(classes: 9418, anchors: anchors, jitter: 0.2, rescore: true)
        region.treeFile = "data/9k.tree"
        region.mapFile = "data/coco9k.map"
        return region
    }()
}

// MARK: Training (spec 1.6, 7.9)

extension NetOptions {
    fileprivate static func detector(
        side: Int, rate: Float = 0.001, batches: Int = 500_200, burnIn: Int = 1000, steps: [Int] = [400_000, 450_000],
        scales: [Float] = [0.1, 0.1]
    ) -> NetOptions {
        var net = NetOptions(width: side, height: side)
        net.decay = 0.0005
        net.saturation = 1.5
        net.exposure = 1.5
        net.hue = 0.1
        net.learningRate = rate
        net.burnIn = burnIn
        net.maxBatches = batches
        net.policy = .steps
        net.steps = steps
        net.scales = scales
        return net
    }

    fileprivate static let yolo9000: NetOptions = {
        var net = detector(side: 544)
        net.saturation = 0.75
        net.exposure = 0.75
        return net
    }()

    /// ImageNet training as darknet19's.
    private static func classifier(side: Int, minCrop: Int, maxCrop: Int) -> NetOptions {
        var net = NetOptions(width: side, height: side)
        net.minCrop = minCrop
        net.maxCrop = maxCrop
        net.minRatio = Float(minCrop) / Float(side)
        net.maxRatio = Float(maxCrop) / Float(side)
        net.decay = 0.0005
        net.policy = .poly
        net.angle = 7
        net.hue = 0.1
        net.saturation = 0.75
        net.exposure = 0.75
        net.aspect = 0.75
        return net
    }

    fileprivate static let darknet19: NetOptions = {
        var net = classifier(side: 256, minCrop: 128, maxCrop: 448)
        net.learningRate = 0.1
        net.burnIn = 1000
        net.maxBatches = 800_000
        return net
    }()

    fileprivate static func classifier448(batch: Int, subdivisions: Int) -> NetOptions {
        var net = classifier(side: 448, minCrop: 448, maxCrop: 512)
        net.batch = batch
        net.subdivisions = subdivisions
        net.maxBatches = 100_000
        return net
    }
}
