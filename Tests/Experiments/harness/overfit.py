"""Twenty pictures learnt by heart: whoever cannot do this has a broken forward, backward or loss."""

from __future__ import annotations

import json

from . import coco
from .networks import Network
from .program import Program
from .report import Result, table

SIZE = 224
CELLS = SIZE // 32
PICTURES = 20
PERSON, CAR = 0, 2


def is_learnable(boxes: list[coco.Box]) -> bool:
    """People or cars, all objects of decent size, and no two with their centres in one cell."""
    cells = {(int(x * CELLS), int(y * CELLS)) for _, x, y, _, _ in boxes}
    return (
        1 <= len(boxes) <= 6
        and any(box[0] in (PERSON, CAR) for box in boxes)
        and all(min(width, height) > 0.08 for _, _, _, width, height in boxes)
        and len(cells) == len(boxes)
    )


def train_and_judge(program: Program, seed: int) -> dict:
    options = ["--no-augment", "--order", "shuffled", "--seed", seed, "--validate-every", 0]
    minutes = program.train("overfit.data", "overfit.cfg", "overfit", *options)
    judged = program.evaluate("overfit.data", "overfit.cfg", "overfit/overfit_final.weights")
    return {"minutes": minutes, "judged": judged}


def measure(program: Program, seeds: list[int], scale: float) -> Result:
    chosen = [picture for picture in coco.pictures("train") if is_learnable(coco.boxes(picture))][:PICTURES]
    coco.write_data(program.folder / "overfit.data", chosen, chosen, coco.names())
    anchors, _ = program.anchors("overfit.data", SIZE)
    network = Network(
        classes=80,
        iterations=int(1000 * scale),
        size=SIZE,
        batch=10,
        anchors=anchors,
        learning_rate=0.001,
        strided=False,
        head=256,
        widths=(16, 32, 64, 128, 256, 256),
    )
    (program.folder / "overfit.cfg").write_text(network.cfg(), encoding="utf-8")
    store = program.folder / "overfit.json"
    if not store.exists():
        store.write_text(json.dumps(train_and_judge(program, seeds[0])), encoding="utf-8")
    run = json.loads(store.read_text(encoding="utf-8"))
    judged = run["judged"]
    row = [judged["pictures"], judged["truths"], network.iterations]
    row += [f"{judged[key]:.2f}" for key in ("ap50", "ap75", "ap", "voc07")] + [f"{run['minutes']:.1f}"]
    header = ["pictures", "objects", f"iterations of {network.batch}", "AP50", "AP75", "AP", "VOC07", "minutes"]
    classes = len({box[0] for picture in chosen for box in coco.boxes(picture)})
    text = (
        f"The first {PICTURES} pictures of COCO train with people or cars, objects of decent size and no two "
        f"centres in a cell ({classes} of the 80 classes), {SIZE}x{SIZE}, `--no-augment`; "
        "judged on the same pictures.\n\n"
    )
    commands = program.commands("overfit.data", ["overfit"])
    return Result(f"{text}{table(header, [row])}\n\n{commands}")
