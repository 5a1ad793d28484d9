"""The boxes of Tests/EvaluationTests/RandomBoxes.swift, made again: both must be changed together."""

NAMES = ["a", "b", "c", "d"]
SIDES = [8, 20, 31, 32, 33, 40, 64, 95, 96, 97, 100, 120, 200]
MASK = (1 << 64) - 1


class Numbers:
    """SplitMix64."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def below(self, limit: int) -> int:
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return (z ^ (z >> 31)) % limit


def make(seed: int, pictures: int, has_crowds: bool = True) -> tuple[dict, list[dict]]:
    """COCO's truths and results."""
    numbers = Numbers(seed)
    images, truths, answers = [], [], []
    for number in range(1, pictures + 1):
        width = 320 + numbers.below(3) * 160
        height = 240 + numbers.below(3) * 120
        images.append({"id": number, "width": width, "height": height, "file_name": f"picture_{number}.png"})
        found = []
        for _ in range(numbers.below(9)):
            category = numbers.below(len(NAMES) - 1)
            size = [SIDES[numbers.below(len(SIDES))], SIDES[numbers.below(len(SIDES))]]
            box = [numbers.below(width - size[0]), numbers.below(height - size[1]), *size]
            is_crowd = numbers.below(8) == 0 and has_crowds
            area = box[2] * box[3] * (100 - numbers.below(3) * 20) / 100
            truths.append({
                "id": len(truths) + 1, "image_id": number, "category_id": category + 1, "bbox": box,
                "area": area, "iscrowd": int(is_crowd),
            })
            for _ in range(numbers.below(4)):
                answer = list(box)
                kind = numbers.below(3)
                if kind == 0:
                    answer[2] = max(1, box[2] * (10 + numbers.below(11)) // 20)
                elif kind == 1:
                    answer = [box[0] + numbers.below(9) - 4, box[1] + numbers.below(9) - 4, box[2], box[3]]
                else:
                    answer[3] = box[3] + numbers.below(box[3])
                is_other = numbers.below(6) == 0
                other = numbers.below(len(NAMES)) if is_other else category
                found.append((other, (1 + numbers.below(20)) / 20, answer))
        for _ in range(numbers.below(6)):
            category = numbers.below(len(NAMES))
            box = [numbers.below(width), numbers.below(height), 1 + numbers.below(150), 1 + numbers.below(150)]
            found.append((category, (1 + numbers.below(20)) / 20, box))
        answers += [
            {"image_id": number, "category_id": category + 1, "bbox": clipped(box, width, height), "score": score}
            for category, score, box in found
        ]
    categories = [{"id": index + 1, "name": name} for index, name in enumerate(NAMES)]
    return {"images": images, "annotations": truths, "categories": categories}, answers


def clipped(box: list[int], width: int, height: int) -> list[int]:
    """To the picture, as result files are."""
    left, top = max(box[0], 0), max(box[1], 0)
    return [left, top, min(box[0] + box[2], width) - left, min(box[1] + box[3], height) - top]
