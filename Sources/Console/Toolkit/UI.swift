import Domain
import HTML
import HTTP
import Primitives
import Store

/// The parts that pages are made of. Forms and their fields are in `Fields.swift`, since they know the request.
enum UI {
    /// The sign of the product.
    static var mark: Markup {
        element("span", ["class": "mark", "aria-hidden": true]) {
            element("span", ["class": "icon icon-organization"]) {}
        }
    }

    static func hidden(_ name: String, _ value: String) -> Markup {
        element("input", ["type": "hidden", "name": name, "value": value])
    }

    /// The id of the field of a form.
    static func id(_ field: String) -> String { "f-" + field.replacing("/", with: "-") }

    static func link(_ title: String, _ path: String) -> Markup { element("a", ["href": path]) { title } }

    static func button(_ title: String, _ path: String, _ kind: String = "secondary") -> Markup {
        element("a", ["class": "button \(kind)", "href": path]) { title }
    }

    static func badge(_ text: String, _ tone: Flash.Tone? = nil) -> Markup {
        element("span", ["class": tone.map { "badge \($0.rawValue)" } ?? "badge"]) { text }
    }

    /// A panel with a heading.
    static func card(_ title: String, id: String? = nil, @MarkupBuilder _ content: () -> Markup) -> Markup {
        let inner = content()
        return element("section", ["class": "card", "id": id]) {
            element("h2") { title }
            inner
        }
    }

    /// A time that people read, with the exact one for machines.
    static func time(_ instant: Timestamp) -> Markup {
        let civil = CivilTime(seconds: instant.seconds)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let text = "\(civil.year)-\(two(civil.month))-\(two(civil.day)) \(two(civil.hour)):\(two(civil.minute)) UTC"
        return element("time", ["datetime": instant.rfc3339(), "class": "nowrap"]) { text }
    }

    static func code(_ text: String) -> Markup { element("code") { text } }

    /// Something to be copied: with a button where there is a script.
    static func copyable(_ text: String, id: String) -> Markup {
        element("span", ["class": "copyable"]) {
            element("code", ["id": id]) { text }
            element("button", ["class": "button quiet", "type": "button", "data-copy": id, "hidden": true]) { "Copy" }
        }
    }

    /// Names with their values.
    static func facts(_ rows: [(String, Markup)]) -> Markup {
        element("dl", ["class": "facts"]) {
            for (name, value) in rows {
                element("dt") { name }
                element("dd") { value }
            }
        }
    }

    /// What stands where a list has nothing to show: says what the list is for, and names the next step.
    static func empty(_ title: String, _ sentence: String, action: Markup = .nothing) -> Markup {
        element("div", ["class": "empty"]) {
            element("p", ["class": "title"]) { title }
            element("p", ["class": "muted"]) { sentence }
            action
        }
    }

    /// A share of a whole, with its numbers in words.
    static func meter(_ part: Int, of whole: Int, _ label: String) -> Markup {
        element("div", ["class": "metering"]) {
            element(
                "meter",
                [
                    "class": "meter", "min": 0, "max": max(whole, 1), "value": part, "aria-label": label,
                    "optimum": max(whole, 1), "high": max(whole, 1), "low": Double(whole) * 0.5,
                ]
            ) {}
            element("p", ["class": "small muted"]) { label }
        }
    }
}

/// A table: its columns, then a row for each item.
///
///     Table("Accounts", accounts) {
///         Column("Name", isHeader: true) { account in UI.link(account.name, account.path) }
///         Column("Created") { account in UI.time(account.createdAt) }
///     }
struct Column<Item> {
    let title: String
    let isHeader: Bool
    let isNumber: Bool
    let cell: (Item) -> Markup

    /// - Parameters:
    ///   - isHeader: the cell names its row.
    ///   - title: for a column of buttons a name that only screen readers say, beginning with `#`.
    init(
        _ title: String, isHeader: Bool = false, isNumber: Bool = false,
        @MarkupBuilder cell: @escaping (Item) -> Markup
    ) {
        self.title = title
        self.isHeader = isHeader
        self.isNumber = isNumber
        self.cell = cell
    }
}

extension UI {
    static func table<Item>(_ caption: String, _ items: [Item], _ columns: [Column<Item>]) -> Markup {
        element("div", ["class": "table", "role": "region", "aria-label": caption, "tabindex": 0]) {
            element("table") {
                element("caption", ["class": "hidden"]) { caption }
                element("thead") {
                    element("tr") {
                        for column in columns {
                            element("th", ["scope": "col", "class": column.isNumber ? "number" : nil]) {
                                if column.title.hasPrefix("#") {
                                    element("span", ["class": "hidden"]) { column.title.dropFirst() }
                                } else {
                                    column.title
                                }
                            }
                        }
                    }
                }
                element("tbody") {
                    for item in items {
                        element("tr") {
                            for column in columns {
                                if column.isHeader {
                                    element("th", ["scope": "row"]) { column.cell(item) }
                                } else {
                                    element("td", ["class": column.isNumber ? "number" : nil]) { column.cell(item) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

extension View {
    /// The search field of a list. It keeps the rest of the query, but goes back to the first page.
    func searchField(_ label: String) -> Markup {
        element("form", ["class": "search", "method": "get", "action": request.path, "role": "search"]) {
            for item in query.items where item.name != "search" && item.name != "page" {
                UI.hidden(item.name, item.value)
            }
            element("label", ["for": "search", "class": "hidden"]) { label }
            element(
                "input",
                [
                    "id": "search", "name": "search", "type": "search", "value": query["search"], "placeholder": label,
                    "maxlength": 256,
                ])
            element("button", ["class": "button secondary", "type": "submit"]) { "Search" }
        }
    }

    /// Links to the pages before and after, and which rows these are.
    func pager(_ page: PageRequest, total: Int, noun: String) -> Markup {
        let last = max(1, (total + page.perPage - 1) / page.perPage)
        let first = min(page.offset + 1, total)
        return element("nav", ["class": "pager", "aria-label": "Pages"]) {
            element("p", ["class": "small muted"]) {
                total == 0
                    ? "No \(noun)" : "\(first) to \(min(page.offset + page.perPage, total)) of \(total) \(noun)"
            }
            element("p") {
                if page.page > 1 { UI.button("Previous", address(page: page.page - 1)) }
                if page.page < last { UI.button("Next", address(page: page.page + 1)) }
            }
        }
    }

    private func address(page: Int) -> String {
        var changed = QueryString(items: query.items.filter { $0.name != "page" })
        changed.append("page", "\(page)")
        return request.path + "?" + changed.text
    }
}
