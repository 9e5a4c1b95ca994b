import HTML
import Primitives

/// Bars over days: what was let in, and on top of it what was refused. Without script and without style attributes.
struct DayChart {
    struct Day {
        let label: String
        let allowed: Int
        let refused: Int
    }

    let title: String
    let days: [Day]

    private static let (width, height) = (720, 160)

    var markup: Markup {
        let most = max(days.map { $0.allowed + $0.refused }.max() ?? 0, 1)
        let step = Double(Self.width) / Double(max(days.count, 1))
        let total = (days.reduce(0) { $0 + $1.allowed }, days.reduce(0) { $0 + $1.refused })
        return element("figure", ["class": "chart"]) {
            element(
                "svg",
                [
                    "viewBox": "0 0 \(Self.width) \(Self.height + 24)", "role": "img",
                    "aria-label": "\(title): "
                        + "\(total.0) let in, \(total.1) refused", "preserveAspectRatio": "none",
                ]
            ) {
                element(
                    "line", ["x1": 0, "y1": Self.height, "x2": Self.width, "y2": Self.height, "class": "axis"])
                for (position, day) in days.enumerated() {
                    let (x, bar) = (Double(position) * step + step * 0.15, step * 0.7)
                    let allowed = Double(day.allowed) / Double(most) * Double(Self.height - 12)
                    let refused = Double(day.refused) / Double(most) * Double(Self.height - 12)
                    element("g") {
                        element("title") { "\(day.label): \(day.allowed) let in, \(day.refused) refused" }
                        if day.allowed > 0 {
                            element(
                                "rect",
                                [
                                    "x": x.short, "y": (Double(Self.height) - allowed).short, "width": bar.short,
                                    "height": allowed.short, "rx": 2, "class": "allowed",
                                ])
                        }
                        if day.refused > 0 {
                            element(
                                "rect",
                                [
                                    "x": x.short, "y": (Double(Self.height) - allowed - refused).short,
                                    "width": bar.short, "height": refused.short, "rx": 2, "class": "refused",
                                ])
                        }
                    }
                }
            }
            element("figcaption", ["class": "small muted"]) {
                element("span", ["class": "key allowed"]) { "\(total.0) let in" }
                element("span", ["class": "key refused"]) { "\(total.1) refused" }
                if let first = days.first, let last = days.last {
                    element("span") { "\(first.label) to \(last.label), most on one day: \(most)" }
                }
            }
            element("details") {
                element("summary", ["class": "small"]) { "Show as a table" }
                UI.table(
                    title, days.reversed().filter { $0.allowed + $0.refused > 0 },
                    [
                        Column("Day", isHeader: true) { $0.label },
                        Column("Let in", isNumber: true) { "\($0.allowed)" },
                        Column("Refused", isNumber: true) { "\($0.refused)" },
                    ])
            }
        }
    }
}

extension Double {
    /// With two decimals at most.
    fileprivate var short: Double { (self * 100).rounded() / 100 }
}
