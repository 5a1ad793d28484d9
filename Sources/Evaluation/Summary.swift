/// How good the boxes of a data set are: averages in percent, NaN where there was nothing to judge (no truths, none of a
/// size).
public struct Summary: Sendable {
    /// COCO's: the mean of the classes that have truths, over overlaps of .5 to .95.
    public var ap: Double
    public var ap50: Double
    public var ap75: Double
    /// Of truths below 32², up to 96², and above, square pixels.
    public var apSmall: Double
    public var apMedium: Double
    public var apLarge: Double
    /// Average recall with 1, 10 and 100 boxes of a class a picture.
    public var ar1: Double
    public var ar10: Double
    public var ar100: Double
    public var arSmall: Double
    public var arMedium: Double
    public var arLarge: Double
    /// VOC's mean average precision, by eleven points and by area.
    public var voc07: Double
    public var vocArea: Double
    /// Darknet's: by area, boxes relative to the picture.
    public var darknetMAP: Double
    /// Of the boxes surer than .25, by Darknet's matching.
    public var precision: Double
    public var recall: Double
    public var f1: Double
    public var proposals: Proposals
    public var pictures: Int
    /// Neither difficult nor crowds.
    public var truths: Int
    /// Of every class, in their order.
    public var classes: [ClassSummary]

    /// What Darknet's `recall` tells: the boxes, of whatever class, as proposals.
    public struct Proposals: Sendable {
        public var perPicture: Double
        /// Of each truth with the box that overlaps it most, percent.
        public var meanOverlap: Double
        /// Truths that a box overlaps by more than half, percent.
        public var recall: Double
    }
}

public struct ClassSummary: Sendable {
    public var name: String
    /// Neither difficult nor crowds.
    public var truths: Int
    public var ap: Double
    public var ap50: Double
    public var ap75: Double
    public var voc07: Double
    public var vocArea: Double
    public var darknetAP: Double
    /// COCO's precision, 0...1, at recalls of 0, .01, ..., 1; for each overlap of .5, .55, ..., .95. Empty without truths.
    public var curves: [[Double]]
}
