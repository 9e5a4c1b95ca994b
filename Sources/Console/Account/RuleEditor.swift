import Domain
import HTML
import HTTP
import Primitives

/// The three lists of rules in a form: rows with their fields, and buttons that send the form back with one row more or
/// less. It needs no script.
struct RuleEditor {
    let draft: RuleDraft
    let names: RuleNames
    let view: View
    /// The path that the form is sent to.
    let path: String
    /// The row that was added a moment ago.
    var fresh: (list: RuleReference.List, position: Int)?

    @MarkupBuilder var markup: Markup {
        for list in RuleReference.List.inOrder {
            let rows = draft.rows(of: list)
            element("fieldset", ["class": "rules", "id": list.rawValue]) {
                element("legend") { list.title }
                element("p", ["class": "small muted"]) { list.sentence }
                for problem in mistakes(list) { element("p", ["class": "error"]) { problem } }
                for (position, row) in rows.enumerated() { self.row(row, position, list, of: rows.count) }
                element("div", ["class": "rule-add"]) {
                    element("div", ["class": "field"]) {
                        element("label", ["for": "add-\(list.rawValue)"]) {
                            rows.isEmpty ? "A rule that looks at" : "Another rule that looks at"
                        }
                        element("select", ["id": "add-\(list.rawValue)", "name": "_add_\(list.rawValue)"]) {
                            for selector in RuleSelector.allCases {
                                element("option", ["value": selector.rawValue]) { selector.title }
                            }
                        }
                    }
                    button("Add rule", "add:\(list.rawValue)", list, " to \(list.rawValue)")
                }
            }
        }
    }

    /// What is wrong with a list as a whole.
    private func mistakes(_ list: RuleReference.List) -> [String] {
        view.submission?.refusal.problems.filter { $0.field == list.rawValue }.map(\.sentence) ?? []
    }

    private func row(_ row: RuleRow, _ position: Int, _ list: RuleReference.List, of count: Int) -> Markup {
        let place = "\(list.rawValue)/\(position)"
        let mistakes = view.mistakes(place)
        return element("div", ["class": "rule", "role": "group", "aria-label": "\(list.title), rule \(position + 1)"]) {
            switch row.content {
            case .fields(let selector, let values):
                element("p", ["class": "kind"]) { selector.title }
                element("div", ["class": "values"]) {
                    UI.hidden(place, selector.rawValue)
                    let fields = selector.formFields ?? []
                    if fields.isEmpty { element("p", ["class": "muted"]) { "Needs no value." } }
                    for field in fields {
                        control(field, "\(place)/\(selector.rawValue)/\(field.member)", values[field.member])
                    }
                }
            case .json(let text):
                element("p", ["class": "kind"]) { "Rule as JSON" }
                element("div", ["class": "values"]) {
                    UI.hidden(place, RuleDraft.json)
                    view.area(
                        "\(place)/json", "JSON", text,
                        hint: "This rule has more to say than there are fields for. It is kept as it stands here.",
                        rows: 3)
                }
            }
            button("Remove", "remove:\(list.rawValue):\(position)", list, " rule \(position + 1) of \(list.rawValue)")
            for mistake in mistakes { element("p", ["class": "error"]) { mistake } }
        }
    }

    private func control(_ field: RuleField, _ name: String, _ value: String?) -> Markup {
        switch field.input {
        case .text: return view.field(name, field.label, value, hint: field.hint)
        case .target(let kind):
            var choices = names.choices(kind)
            if field.isOptional { choices.insert(("", "Any"), at: 0) }
            if let value, !value.isEmpty, !choices.contains(where: { $0.value == value }) {
                choices.append((value, "\(value) (not there any more)"))
            }
            return view.choice(
                name, field.label, choices, value,
                hint: choices.isEmpty ? "This account has no \(kind.title) yet." : field.hint)
        }
    }

    private func button(_ title: String, _ step: String, _ list: RuleReference.List, _ about: String) -> Markup {
        element(
            "button",
            [
                "class": "button secondary", "type": "submit", "name": "_do", "value": step,
                "formaction": "\(path)#\(list.rawValue)", "formnovalidate": true,
            ]
        ) {
            title
            element("span", ["class": "hidden"]) { about }
        }
    }
}
