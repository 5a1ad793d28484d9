import TestSupport
import Testing

@testable import Darknet

@Suite struct NetworkConfigTests {
    @Test func `white space goes, the first of equal keys wins, junk after numbers is told`() throws {
        let text = """
            \u{FEFF}# comment
            ; comment
            [ net ]\r
              width = 6 4
            width=32
            height=64 # no comment
            channels=3
            learning_rate=.5x
            policy=steps
            steps = -1, 100
            scales = .1, 10

            [conv]
            filters=2\t
            nokey
            empty=
            what=ever
            activation=strange
            """
        let folder = try TemporaryFolder()
        let path = try folder.write(text.utf8, to: "small.cfg")
        let config = try NetworkConfig(contentsOf: path)
        #expect(config.name == "small")
        #expect(config.net.width == 64 && config.net.height == 64)
        #expect(config.net.learningRate == 0.5)
        #expect(config.net.steps == [-1, 100] && config.net.scales == [0.1, 10])
        guard case .convolutional(let convolution) = config.layers[0].kind else {
            Issue.record("no convolution")
            return
        }
        #expect(convolution.filters == 2 && convolution.activation == .relu)
        #expect(config.layers[0].line == 13)
        let lines = config.warnings.map(\.line)
        #expect(lines == [5, 6, 8, 15, 16, 18, 17])
        #expect(config.warnings[0].description.hasPrefix("\(path):5: 'width' is given twice"))
    }

    @Test(arguments: [
        ("", "holds no section"),
        ("[net]\nwidth=8\nheight=8\nchannels=3", "holds 0 layers"),
        ("width=8\n[net]", "before any section"),
        ("[convolutional]\nfilters=1", "starts with [net]"),
        ("[net]\nwidth=8\nheight=8\n[avgpool]", "channels is missing"),
        ("[net]\nwidth=8\nheight=999999\nchannels=3\n[avgpool]", "out of range"),
        ("[net]\nwidth=8\nheight=8\nchannels=3\npolicy=steps\nsteps=1,2\nscales=1\n[avgpool]", "2 steps and 1 scales"),
        ("[net]\nwidth=8\nheight=8\nchannels=3\ntime_steps=3\n[avgpool]", "recurrent"),
        ("[net]\nwidth=8\nheight=8\nchannels=3\ninputs=5\n[avgpool]", "192"),
        ("[net]\nwidth=8\nheight=8\nchannels=3\nlearning_rate=1e99\n[avgpool]", "out of range"),
    ])
    func `a broken net is refused`(text: String, message: String) throws {
        let error = try #require(failure { () throws(DarknetError) in try NetworkConfig(parsing: text, file: "x.cfg") })
        #expect(error.kind == .malformed && error.file == "x.cfg")
        #expect(error.message.contains(message), "\(error)")
    }

    @Test(arguments: [
        ("[shortcut]\nfrom=-3", "not part of the YOLOv2 family"),
        ("[net", "not part of the YOLOv2 family"),
        ("[convolutional]\nfilters=2000000000", "out of range"),
        ("[convolutional]\nfilters=99999999999999999999", "out of range"),
        ("[convolutional]\nfilters=none", "out of range"),
        ("[convolutional]\nxnor=1", "xnor=1 is not supported"),
        ("[convolutional]\nfilters=6\ngroups=4", "not a multiple of groups"),
        ("[convolutional]\nfilters=4\ngroups=4", "no multiple of its 4 groups"),
        ("[convolutional]\nfilters=1048576\nsize=1024\npad=1", "weights are too many"),
        ("[convolutional]\nsize=99", "too small"),
        ("[maxpool]\nsize=2\npadding=3", "too much"),
        ("[route]\nlayers=-1", "names -1"),
        ("[route]\nlayers=0", "names 0"),
        ("[route]", "layers is missing"),
        ("[route]\nlayers=,", "layers is missing"),
        ("[reorg]\nstride=3", "multiples of 3"),
        ("[reorg]\nstride=2\nreverse=1", "no multiple of stride"),
        ("[reorg]\norder=random", "expected darknet, channelMajor or offsetMajor"),
        ("[reorg3d]\norder=darknet", "in [reorg] only"),
        ("[reorg]\nflatten=1", "not supported"),
        ("[reorg]\nstride=1024\nreverse=1", "no multiple"),
        ("[region]\nclasses=1\nnum=1", "set that layer's filters to 6"),
        ("[region]\ncoords=8", "expected 4 to 4"),
        ("[region]\nanchors=-1,2", "out of range"),
        ("[region]\nnum=5000", "out of range"),
        ("[softmax]\ngroups=2", "no multiple of its 2 groups"),
        ("[softmax]\ntemperature=0", "out of range"),
        ("[dropout]\nprobability=1", "out of range"),
    ])
    func `a broken layer is refused with its line and section`(text: String, message: String) throws {
        let error = try #require(failure { () throws(DarknetError) in try NetworkConfig(layers: text) })
        #expect(error.message.contains(message), "\(error)")
        #expect(error.description.hasPrefix("test.cfg:"))
        #expect(error.section?.hasPrefix("layer 0 [") == true)
        #expect((error.line ?? 0) >= 5)
    }

    @Test func `a layer that joins unequal maps is refused`() throws {
        let text = "[maxpool]\nstride=2\n[conv]\n[route]\nlayers=-1,0\n[conv]\nstride=2\n[route]\nlayers=-1,-2"
        let error = try #require(failure { () throws(DarknetError) in try NetworkConfig(layers: text) })
        #expect(error.section == "layer 4 [route]")
        #expect(error.message.contains("joins layer 3 (16 x 16) and layer 2 (32 x 32)"), "\(error)")
    }

    @Test func `missing anchors are a half, those too many are ignored`() throws {
        let few = try NetworkConfig(layers: "[conv]\nfilters=12\n[region]\nclasses=1\nnum=2\nanchors=1,2,3")
        #expect(few.region?.anchors == [1, 2, 3, 0.5])
        #expect(few.warnings.count == 1)
        let many = try NetworkConfig(layers: "[conv]\nfilters=6\n[region]\nclasses=1\nanchors=1,2,3")
        #expect(many.region?.anchors == [1, 2])
        let pixels = try NetworkConfig(layers: "[conv]\nfilters=6\n[region]\nclasses=1\nanchors=10,300")
        #expect(pixels.warnings.map(\.message).first?.contains("divide pixels by 32") == true)
    }

    @Test func `every key survives being written and read`() throws {
        let config = try NetworkConfig(
            layers: """
                batch=64
                subdivisions=8
                time_steps=1
                inputs=12288
                learning_rate=.01
                momentum=.8
                decay=.1
                burn_in=7
                power=2
                max_batches=9
                policy=sigmoid
                step=5
                scale=.5
                gamma=.25
                adam=1
                B1=.1
                B2=.2
                eps=1e-9
                angle=1
                aspect=2
                saturation=3
                exposure=4
                hue=.3
                min_crop=10
                max_crop=20
                min_ratio=.1
                max_ratio=.2
                center=1
                clip=3
                random=1
                notruth=1
                [conv]
                filters=4
                size=3
                stride=2
                padding=2
                batch_normalize=1
                activation=elu
                flipped=1
                learning_rate=.5
                smooth=1
                truth=1
                onlyforward=1
                stopbackward=1
                dontsave=1
                dontload=1
                dontloadscales=1
                numload=2
                [conv]
                filters=8
                groups=2
                size=3
                pad=1
                padding=9
                [max]
                size=3
                stride=1
                padding=1
                [dropout]
                probability=.25
                [reorg]
                reverse=1
                stride=2
                [reorg3d]
                stride=2
                [reorg]
                stride=1
                order=channelMajor
                [route]
                layers=-1,-2
                [conv]
                filters=14
                [region]
                classes=2
                num=2
                anchors=1,2,3,4
                softmax=1
                background=1
                max=50
                jitter=.1
                rescore=1
                thresh=.7
                bias_match=1
                random=1
                coord_scale=2
                object_scale=3
                noobject_scale=4
                class_scale=5
                mask_scale=6
                tree=a.tree
                map=b.map
                absolute=1
                log=1
                sqrt=1
                classfix=-1
                [avg]
                [soft]
                groups=2
                temperature=2
                tree=c.tree
                spatial=1
                noloss=1
                [cost]
                type=smooth
                scale=2
                ratio=.5
                noobj=.25
                thresh=.125
                """)
        #expect(config.warnings.isEmpty, "\(config.warnings)")
        let again = try NetworkConfig(parsing: config.text(), file: "again.cfg")
        #expect(again.bare == config.bare)
        #expect(again.warnings.isEmpty)

        var defaults = LayerOptions()
        defaults.numLoad = config.layers[0].common.numLoad
        #expect(config.layers[0].common != defaults)
        guard case .convolutional(let second) = config.layers[1].kind else { return }
        #expect(second.padding == 1, "pad=1 overrules padding")
    }

    @Test func `a file that is no regular file is refused`() throws {
        let folder = try TemporaryFolder()
        for path in [folder.path, folder.file("absent.cfg"), "/dev/null"] {
            let error = failure { () throws(DarknetError) in try NetworkConfig(contentsOf: path) }
            #expect(error?.kind == .cannotRead)
        }
        let bytes = Array(repeating: UInt8(ascii: "#"), count: textByteLimit + 1)
        let large = try folder.write(bytes, to: "large.cfg")
        #expect(failure { () throws(DarknetError) in try NetworkConfig(contentsOf: large) }?.kind == .malformed)
        let binary = try folder.write([0x5B, 0xFF, 0xFE], to: "binary.cfg")
        let error = failure { () throws(DarknetError) in try NetworkConfig(contentsOf: binary) }
        #expect(error?.message.contains("UTF-8") == true)
    }

    @Test func `control characters of a file do not reach the message`() {
        let error = failure { () throws(DarknetError) in try NetworkConfig(layers: "[\u{1B}[31mred]") }
        #expect(error?.description.contains("\u{1B}") == false)
    }
}
