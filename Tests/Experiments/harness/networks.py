"""cfg files of small YOLOv2 networks: pooled 3x3 convolutions, the passthrough and the region layer."""

from __future__ import annotations

import dataclasses

# Five shapes of one area (2 cells), as someone would write them down who has not looked at the data.
HAND_MADE_ANCHORS = "1.414,1.414, 2,1, 1,2, 2.449,.816, .816,2.449"


@dataclasses.dataclass(frozen=True)
class Network:
    """A cell is 32 pixels. `widths` are the filters of the six stages, `head` those of the last 3x3 layers."""

    classes: int
    iterations: int
    size: int = 128
    batch: int = 32
    anchors: str = HAND_MADE_ANCHORS
    widths: tuple[int, ...] = (16, 16, 32, 64, 128, 256)
    head: int = 128
    normalized: bool = True
    passthrough: bool = False
    strided: bool = True  # the first layer has a stride of 2 and no pooling after it: half the time
    lean: bool = False  # pooling there too: a quarter of that
    doubled: tuple[int, ...] = ()  # stages of two convolutions
    learning_rate: float = 0.003
    decay: float = 0.0005
    adam: bool = False
    linear: bool = False  # the rate falls evenly to nothing, and not in two steps
    burn_in: int = 100
    jitter: float = 0.2
    tree: str | None = None

    def cfg(self) -> str:
        anchor_count = len(self.anchors.split(",")) // 2
        steps = f"policy=steps\nsteps={self.iterations * 7 // 10},{self.iterations * 9 // 10}\nscales=.1,.1"
        policy = "policy=poly\npower=1" if self.linear else steps
        sections = [
            f"[net]\nbatch={self.batch}\nsubdivisions=1\nwidth={self.size}\nheight={self.size}\nchannels=3\n"
            f"momentum=0.9\ndecay={self.decay}\nsaturation=1.5\nexposure=1.5\nhue=.1\n"
            f"learning_rate={self.learning_rate}\nburn_in={self.burn_in}\nmax_batches={self.iterations}\n"
            f"{policy}" + ("\nadam=1" if self.adam else "")
        ]
        for stage, filters in enumerate(self.widths):
            if stage > (1 if self.strided and not self.lean else 0):
                sections.append("[maxpool]\nsize=2\nstride=2")
            sections.append(self._convolution(filters, stride=2 if self.strided and stage == 0 else 1))
            if stage in self.doubled:
                sections.append(self._convolution(filters))
        fine = len(sections) - 4  # the layer before the last pooling: [net] is not counted
        sections.append(self._convolution(self.head))
        if self.passthrough:
            sections.append(f"[route]\nlayers={fine}")
            sections.append(self._convolution(32, size=1))
            sections.append("[reorg]\nstride=2")
            sections.append("[route]\nlayers=-1,-4")
        sections.append(self._convolution(self.head))
        outputs = anchor_count * (5 + self.classes)
        sections.append(f"[convolutional]\nfilters={outputs}\nsize=1\nstride=1\npad=1\nactivation=linear")
        sections.append(
            f"[region]\nanchors={self.anchors}\nnum={anchor_count}\nclasses={self.classes}\ncoords=4\nsoftmax=1\n"
            f"jitter={self.jitter}\nrescore=1\nobject_scale=5\nnoobject_scale=1\nclass_scale=1\ncoord_scale=1\n"
            f"thresh=.6\nbias_match=1\nabsolute=1\nrandom=0" + (f"\ntree={self.tree}" if self.tree else "")
        )
        return "\n\n".join(sections) + "\n"

    def _convolution(self, filters: int, size: int = 3, stride: int = 1) -> str:
        normalized = "batch_normalize=1\n" if self.normalized else ""
        return f"[convolutional]\n{normalized}filters={filters}\nsize={size}\nstride={stride}\npad=1\nactivation=leaky"
