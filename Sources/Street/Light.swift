/// The time of day and the weather, and what they do to colours.
struct Light {
    enum Hour { case noon, overcast, lowSun, dusk }

    let hour: Hour
    let isRaining: Bool
    /// Of everything that does not shine, exposure and white balance included.
    let tone: Tone
    /// Where on the ground the shadow of what is a metre high ends: to the right, and downwards in the picture.
    let shadow: Point?
    /// 0...1
    let shadowStrength: Double
    let sky: (top: Tone, bottom: Tone)
    /// The standard deviation of a pixel's noise, in levels of 255.
    let noise: Double

    var isDusk: Bool { hour == .dusk }

    init(_ dice: Dice) {
        var dice = dice
        hour = dice.pick(weighted: [(0.3, .noon), (0.28, .overcast), (0.22, .lowSun), (0.2, .dusk)])
        let wet = dice.real(0, 1)
        let side = dice.chance(0.5) ? 1.0 : -1.0
        let down = dice.chance(0.6) ? dice.real(0.18, 0.38) : -dice.real(0.1, 0.2)
        let reach = dice.real(0.7, 1.3)
        let grain = dice.real(0.6, 1.4)
        let base: Tone
        switch hour {
        case .noon:
            isRaining = false
            base = Tone(1, 0.98, 0.94)
            shadow = Point(side * 0.45 * reach, down)
            shadowStrength = 0.45
            sky = (Tone(0.36, 0.60, 0.90), Tone(0.76, 0.87, 0.96))
            noise = 2.2 * grain
        case .overcast:
            isRaining = wet < 0.5
            base = isRaining ? Tone(0.68, 0.71, 0.76) : Tone(0.84, 0.86, 0.89)
            shadow = nil
            shadowStrength = 0.4
            sky = isRaining ? (.grey(0.55), .grey(0.7)) : (Tone(0.72, 0.75, 0.8), Tone(0.87, 0.88, 0.9))
            noise = 3 * grain
        case .lowSun:
            isRaining = false
            base = Tone(1, 0.86, 0.69)
            shadow = Point(side * 1.5 * reach, down)
            shadowStrength = 0.42
            sky = (Tone(0.45, 0.6, 0.85), Tone(1, 0.8, 0.55))
            noise = 2.6 * grain
        case .dusk:
            isRaining = wet < 0.35
            base = Tone(0.50, 0.50, 0.63)
            shadow = nil
            shadowStrength = 0.45
            sky = (Tone(0.12, 0.15, 0.30), Tone(0.50, 0.38, 0.42))
            noise = 6 * grain
        }
        let exposure = dice.real(0.92, 1.14)
        let warmth = dice.real(-0.06, 0.06)
        tone = base * Tone(exposure * (1 + warmth), exposure, exposure * (1 - warmth))
    }
}
