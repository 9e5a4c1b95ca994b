import Domain
import HTML
import HTTP
import Primitives

/// Forms, with what was entered and what is wrong with it after a refusal.
extension View {
    /// A form that changes something. It carries the hidden value of the session; a form without it does nothing.
    ///
    /// - Parameter version: the entity tag of what the form is made from, where a change in between shall be noticed.
    func form(
        to path: String, _ kind: String? = nil, version: String? = nil, @MarkupBuilder _ content: () -> Markup
    ) -> Markup {
        let inner = content()
        return element("form", ["method": "post", "action": path, "class": kind]) {
            UI.hidden(FormToken.field, session.formToken)
            if let version { UI.hidden("_version", version) }
            inner
        }
    }

    /// A form that is nothing but a button.
    ///
    /// - Parameters:
    ///   - fields: hidden ones.
    ///   - about: what a screen reader says beside the button's own word, such as the name of the row.
    func action(
        _ title: String, to path: String, _ kind: String = "secondary", about: String? = nil,
        _ fields: [(String, String)] = []
    ) -> Markup {
        form(to: path, "inline") {
            for (name, value) in fields { UI.hidden(name, value) }
            element("button", ["class": "button \(kind)", "type": "submit"]) {
                title
                if let about { element("span", ["class": "hidden"]) { " \(about)" } }
            }
        }
    }

    /// Buttons at the end of a form: the one that sends it, and the way back.
    func buttons(_ title: String, _ kind: String = "", cancel: String? = nil) -> Markup {
        element("div", ["class": "actions"]) {
            element("button", ["class": "button \(kind)", "type": "submit"]) { title }
            if let cancel { UI.button("Cancel", cancel) }
        }
    }

    // MARK: Fields

    /// A line of text.
    ///
    /// - Parameters:
    ///   - name: of the member that it fills; see ``FormBody``.
    ///   - value: what there is now.
    func field(
        _ name: String, _ label: String, _ value: String? = nil, hint: String? = nil, type: String = "text",
        isRequired: Bool = false, placeholder: String? = nil, autocomplete: String = "off"
    ) -> Markup {
        labelled(name, label, hint) { described in
            element(
                "input",
                [
                    "id": UI.id(name), "name": name, "type": type,
                    "value": type == "password" ? nil : entered(name, value),
                    "required": isRequired, "placeholder": placeholder, "autocomplete": autocomplete,
                    "aria-invalid": mistakes(name).isEmpty ? nil : "true", "aria-describedby": described,
                ])
        }
    }

    /// Several lines of text.
    func area(_ name: String, _ label: String, _ value: String? = nil, hint: String? = nil, rows: Int = 4) -> Markup {
        labelled(name, label, hint) { described in
            element(
                "textarea",
                [
                    "id": UI.id(name), "name": name, "rows": rows, "spellcheck": false,
                    "aria-invalid": mistakes(name).isEmpty ? nil : "true", "aria-describedby": described,
                ]
            ) { entered(name, value) ?? "" }
        }
    }

    /// One of several.
    func choice(
        _ name: String, _ label: String, _ options: [(value: String, title: String)], _ selected: String? = nil,
        hint: String? = nil
    ) -> Markup {
        let chosen = entered(name, selected)
        return labelled(name, label, hint) { described in
            element(
                "select",
                [
                    "id": UI.id(name), "name": name, "aria-invalid": mistakes(name).isEmpty ? nil : "true",
                    "aria-describedby": described,
                ]
            ) {
                for option in options {
                    element("option", ["value": option.value, "selected": option.value == chosen]) { option.title }
                }
            }
        }
    }

    /// A box. It is sent as `on` when it is checked, and not at all when it is not.
    func check(_ name: String, _ label: String, _ isOn: Bool, hint: String? = nil, value: String = "on") -> Markup {
        let isChecked = submission.map { $0.form.items.values(name).contains(value) } ?? isOn
        let id = value == "on" ? UI.id(name) : "\(UI.id(name))-\(value)"
        return element("div", ["class": "check"]) {
            element(
                "input",
                [
                    "id": id, "name": name, "type": "checkbox", "value": value, "checked": isChecked,
                    "aria-describedby": hint == nil ? nil : "\(id)-hint",
                ])
            element("div") {
                element("label", ["for": id]) { label }
                if let hint { element("p", ["class": "small muted", "id": "\(id)-hint"]) { hint } }
            }
        }
    }

    private func labelled(
        _ name: String, _ label: String, _ hint: String?, _ control: (_ described: String?) -> Markup
    ) -> Markup {
        let (id, mistakes) = (UI.id(name), mistakes(name))
        let described = [mistakes.isEmpty ? nil : "\(id)-error", hint == nil ? nil : "\(id)-hint"].compactMap(\.self)
        return element("div", ["class": "field"]) {
            element("label", ["for": id]) { label }
            control(described.isEmpty ? nil : described.joined(separator: " "))
            if !mistakes.isEmpty {
                element("p", ["class": "error", "id": "\(id)-error"]) { mistakes.joined(separator: " ") }
            }
            if let hint { element("p", ["class": "hint", "id": "\(id)-hint"]) { hint } }
        }
    }

    /// What was entered before the form came back, else what there is.
    func entered(_ name: String, _ value: String?) -> String? { submission?.form.items[name] ?? value }

    /// What is wrong with a field, or with an item of the list that it holds.
    func mistakes(_ name: String) -> [String] {
        guard let submission, submission.form.items.count(name) > 0 else { return [] }
        return submission.refusal.problems.filter { problem in
            problem.field.map { $0 == name || $0.hasPrefix(name + "/") && submission.form.items.count($0) == 0 }
                ?? false
        }.map(\.sentence)
    }
}
