import Darknet

extension DataSetReader {
    // MARK: VOC

    mutating func readVOC(_ folder: String, split: String) throws {
        let list = VOCFolder.list(folder, split: split)
        for (line, content) in Lines.trimmed(of: try readText(list)) where !content.isEmpty {
            let name = VOCFolder.name(in: content)
            let image = VOCFolder.image(folder, name)
            guard try check(image, list, line) else { continue }
            if let truths = try vocTruths(VOCFolder.annotation(folder, name), image: image) {
                samples.append(Sample(image: image, content: .objects(truths), file: list, line: line))
            }
        }
    }

    /// `nil`: what is wrong has been added.
    mutating func vocTruths(_ path: String, image: String) throws(DataProblems) -> [Truth]? {
        if names == nil { names = plan.boxClasses ?? 20 == 20 ? ClassNames.voc.names : nil }
        guard let names else {
            throw DataProblems(
                DataProblem(file: path, message: "names its classes, but their order is unknown; give names = FILE"))
        }
        if classIDs.isEmpty { classIDs = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first } }
        let annotation: VOCAnnotation
        var size: (width: Int, height: Int)
        do throws(DataProblem) {
            annotation = try VOCAnnotation(contentsOf: path)
            size = (annotation.width, annotation.height)
            if size.width <= 0 || size.height <= 0, !annotation.objects.isEmpty { size = try decodedSize(of: image) }
        } catch {
            try add(error)
            return nil
        }
        var truths: [Truth] = []
        for object in annotation.objects {
            guard let classID = classIDs[object.name] else {
                tally.addOmitted(object.name)
                continue
            }
            do throws(DataProblem) {
                var truth = Truth(classID: classID, box: try object.box(width: size.width, height: size.height))
                truth.isDifficult = object.isDifficult
                truths.append(truth)
            } catch {
                try add(DataProblem(file: path, line: error.line, message: error.message))
            }
        }
        return truths
    }

    // MARK: COCO

    mutating func readCOCO(_ path: String) throws {
        let file: COCOFile
        do throws(DataProblem) {
            file = try COCOFile(path, problems: &problems)
        } catch {
            return try add(error)
        }
        if names == nil { names = file.names }
        let classes = file.classes(in: names ?? [])
        number(classes, file)
        if let count = plan.boxClasses, let names, names.count != count {
            try add(
                DataProblem(
                    file: path, message: "has \(names.count) categories for \(count) classes; give names = FILE"))
        }
        guard let folder = try imageFolder(of: file) else { return }
        let first = samples.count
        var places: [Int: Int] = [:]
        var sizes: [(width: Int, height: Int)] = []
        for image in file.images {
            guard places.updateValue(samples.count, forKey: image.id) == nil else {
                try add(DataProblem(file: path, line: image.line, message: "image \(image.id) is there twice"))
                continue
            }
            let name = Path.joined(folder, image.name)
            _ = try check(name, path, image.line)
            samples.append(
                Sample(image: name, content: .objects([]), imageID: image.id, file: path, line: image.line))
            sizes.append((image.width, image.height))
        }
        var truths: [[Truth]] = Array(repeating: [], count: sizes.count)
        for annotation in file.annotations {
            do throws(DataProblem) {
                guard let place = places[annotation.imageID] else {
                    throw file.problem(annotation, "is of image \(annotation.imageID), which is not listed")
                }
                let index = place - first
                if sizes[index].width <= 0 || sizes[index].height <= 0 {
                    sizes[index] = try decodedSize(of: samples[place].image)
                }
                if let truth = try truth(annotation, file, classes, sizes[index]) { truths[index].append(truth) }
            } catch {
                try add(error)
            }
        }
        for (index, truths) in truths.enumerated() { samples[first + index].content = .objects(truths) }
    }

    /// Takes note of the categories' numbers.
    private mutating func number(_ classes: [Int: Int?], _ file: COCOFile) {
        for category in file.categories {
            guard case let classID?? = classes[category.id] else { continue }
            let known = categoryIDs[classID] ?? category.id
            categoryIDs[classID] = known
            if known != category.id, tally.firstRenumbered == nil {
                tally.firstRenumbered = (file.path, category.name, category.id, known)
            }
        }
    }

    /// `nil`: a box that does not count.
    private mutating func truth(
        _ annotation: COCOFile.Annotation, _ file: COCOFile, _ classes: [Int: Int?], _ size: (width: Int, height: Int)
    ) throws(DataProblem) -> Truth? {
        guard let known = classes[annotation.categoryID] else {
            throw file.problem(annotation, "is of category \(annotation.categoryID), which is not listed")
        }
        guard let classID = known else {
            tally.addOmitted(file.name(ofCategory: annotation.categoryID))
            return nil
        }
        let (left, top, width, height) = annotation.box
        // The official files have a few.
        if width == 0 || height == 0 {
            tally.emptyBoxes += 1
            tally.firstEmptyBox = tally.firstEmptyBox ?? (file.path, annotation.line)
            return nil
        }
        let (w, h) = (Double(size.width), Double(size.height))
        let box = TruthBox(x: (left + width / 2) / w, y: (top + height / 2) / h, width: width / w, height: height / h)
        if let fault = BoxRules.fault(of: box) {
            throw file.problem(
                annotation,
                "has bbox [\(left), \(top), \(width), \(height)] in a picture of \(size.width) x \(size.height): \(fault)"
            )
        }
        var truth = Truth(classID: classID, box: box)
        truth.isCrowd = annotation.isCrowd
        truth.area = annotation.area
        return truth
    }

    /// The first of the named folders, or of the usual ones, that has any of the first pictures.
    private mutating func imageFolder(of file: COCOFile) throws(DataProblems) -> String? {
        var folders = plan.imageFolders
        if folders.isEmpty {
            // annotations/instances_val2017.json stands beside val2017 or images/val2017.
            let here = Path.folder(of: file.path)
            let split = String(Path.stem(of: file.path).split(separator: "_").last ?? "")
            let above = Path.joined(here, "..")
            folders = [here, Path.joined(here, "images")]
            folders +=
                ["", "images"].map { Path.joined(Path.joined(above, $0), split) } + [Path.joined(above, "images")]
            folders.append(above)
        }
        if let folder = Self.folder(of: file.images.lazy.map(\.name), in: folders) { return folder }
        guard checksImages, let image = file.images.first else { return folders[0] }
        let tried = folders.map { $0.isEmpty ? "." : $0 }.joined(separator: ", ")
        try add(
            DataProblem(
                file: file.path, line: image.line,
                message:
                    "no picture found: \(Path.quoted(image.name)) is in none of \(tried); give images = FOLDER in a "
                    + ".data file"))
        return nil
    }
}

extension COCOFile {
    fileprivate func problem(_ annotation: Annotation, _ message: String) -> DataProblem {
        let id = annotation.id.map { "annotation \($0)" } ?? "an annotation of image \(annotation.imageID)"
        return DataProblem(file: path, line: annotation.line, message: "\(id) \(message)")
    }

    fileprivate func name(ofCategory id: Int) -> String { categories.first { $0.id == id }?.name ?? "\(id)" }
}
