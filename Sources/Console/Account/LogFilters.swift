import Domain
import HTML
import HTTP
import Primitives
import Store

/// The fields above a log. They are part of the address, so that a view of it can be kept and sent.
struct LogFilters {
    let view: View

    func text(_ name: String) -> String? {
        view.query[name].map { $0.trimmed }.flatMap { $0.isEmpty || $0.utf8.count > 256 ? nil : $0 }
    }

    /// A time as a browser's field gives it, without a zone (so in UTC), or as RFC 3339; `nil` where there is none that
    /// makes sense.
    func instant(_ name: String) -> Timestamp? {
        guard let text = text(name) else { return nil }
        return Timestamp(rfc3339: text) ?? Timestamp(rfc3339: text + "Z") ?? Timestamp(rfc3339: text + ":00Z")
            ?? Timestamp(date: text)
    }

    /// What is wrong with times that were given.
    var mistakes: [String] {
        ["since", "until"].filter { text($0) != nil && instant($0) == nil }.map {
            "\($0 == "since" ? "From" : "To") must be a time, such as 2026-01-31 or 2026-01-31T08:00."
        }
    }

    /// - Parameter fields: those beside the times.
    func form(@MarkupBuilder _ fields: () -> Markup) -> Markup {
        let inner = fields()
        return element("form", ["method": "get", "action": view.request.path, "role": "search", "class": "card"]) {
            for mistake in mistakes { element("p", ["class": "notice bad", "role": "alert"]) { mistake } }
            element("div", ["class": "field-grid"]) {
                inner
                time("since", "From (UTC)")
                time("until", "To (UTC)")
            }
            element("div", ["class": "inline-actions"]) {
                element("button", ["class": "button", "type": "submit"]) { "Filter" }
                if !view.query.isEmpty { UI.button("Clear", view.request.path) }
            }
        }
    }

    func field(_ name: String, _ label: String) -> Markup { view.field(name, label, view.query[name]) }

    func choice(_ name: String, _ label: String, _ options: [(value: String, title: String)]) -> Markup {
        view.choice(name, label, [("", "All")] + options, view.query[name] ?? "")
    }

    private func time(_ name: String, _ label: String) -> Markup {
        view.field(name, label, text(name), type: "datetime-local")
    }
}
