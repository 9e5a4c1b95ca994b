import Foundation
import HTML
import Testing

@Suite("Style sheet")
struct StylesheetTests {
    @Test("text can be read on every ground it is put on, in light and dark", arguments: ["light", "dark"])
    func contrast(_ scheme: String) throws {
        let tokens = try Self.tokens(scheme)
        func color(_ name: String) throws -> HexColor { try #require(tokens[name], "--\(name) in \(scheme)") }
        let pairs = [
            "text": ["canvas", "surface", "sunken", "accent-soft", "good-soft", "warn-soft", "bad-soft"],
            "muted": ["canvas", "surface", "sunken", "accent-soft"],
            "accent": ["canvas", "surface", "accent-soft"], "accent-strong": ["canvas", "surface"],
            "on-accent": ["accent", "accent-strong"], "on-bad": ["bad", "bad-strong"],
            "good": ["surface", "good-soft"], "warn": ["surface", "warn-soft"], "bad": ["surface", "bad-soft"],
        ]
        for (text, grounds) in pairs {
            for ground in grounds {
                let contrast = try color(text).contrast(to: color(ground))
                #expect(contrast >= 4.5, "--\(text) on --\(ground) in \(scheme): \(contrast)")
            }
        }
        // Borders of controls and the ring around what has the focus (WCAG 2.2, 1.4.11).
        for (line, ground) in [("field-line", "surface"), ("focus", "surface"), ("focus", "canvas")] {
            let contrast = try color(line).contrast(to: color(ground))
            #expect(contrast >= 3, "--\(line) on --\(ground) in \(scheme): \(contrast)")
        }
    }

    @Test("every class of the sample pages is defined and explained")
    func classes() throws {
        let source = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../Sources/HTML/Stylesheet.swift")
        let explained = try String(contentsOf: source, encoding: .utf8)
            .split(separator: "\n").prefix { $0.hasPrefix("///") }.joined(separator: "\n")
        let words = Set(explained.matches(of: /-?[a-z]+(?:-[a-z]+)*/).map { String($0.0) })
        let defined = Set(Stylesheet.text.matches(of: /\.([a-z][a-z-]*)/).map { String($0.1) })
        var used: Set<String> = []
        for (_, page) in SamplePages.all {
            let html = String(decoding: page.bytes, as: UTF8.self)
            for match in html.matches(of: /class="([^"]*)"/) {
                used.formUnion(match.1.split(separator: " ").map(String.init))
            }
        }
        #expect(!used.isEmpty)
        for name in used {
            #expect(defined.contains(name), ".\(name) is used and not defined")
        }
        for name in defined {
            let short = name.hasPrefix("icon-") ? String(name.dropFirst(4)) : name
            #expect(words.contains(name) || words.contains(short), ".\(name) is defined and not explained")
        }
    }

    @Test("nothing is loaded from anywhere, and braces match")
    func selfContained() {
        for forbidden in ["url(", "@import", "@font-face", "image-set(", "expression(", "</"] {
            #expect(!Stylesheet.text.contains(forbidden), "\(forbidden)")
        }
        #expect(Stylesheet.text.count { $0 == "{" } == Stylesheet.text.count { $0 == "}" })
        #expect(Stylesheet.text.utf8.count < 32_768)
    }

    @Test("every custom property that is used is set")
    func properties() {
        let set = Set(Stylesheet.text.matches(of: /(--[a-z-]+):/).map { String($0.1) })
        let used = Set(Stylesheet.text.matches(of: /var\((--[a-z-]+)\)/).map { String($0.1) })
        #expect(!used.isEmpty && used.isSubset(of: set), "\(used.subtracting(set))")
    }

    @Test("chosen colours are the ground of the page and the text on it")
    func theme() {
        let theme = Theme(background: HexColor("#0B3D2E"), text: HexColor("#ffffff"))
        #expect(theme.css == ":root { --backdrop: #0b3d2e; --on-backdrop: #ffffff; }\n")
        #expect(Theme(background: nil, text: .black).css.isEmpty)
    }

    @Test("text that could not be read on the chosen ground becomes black or white")
    func unreadableTheme() throws {
        let yellow = try #require(HexColor("#ffee00"))
        #expect(Theme(background: yellow, text: .white).css.contains("--on-backdrop: #000000"))
        #expect(Theme(background: .black, text: .black).css.contains("--on-backdrop: #ffffff"))
        #expect(Theme(background: .white, text: nil).css.contains("--on-backdrop: #000000"))
    }

    @Test(
        "only #rrggbb is a colour",
        arguments: [
            "", "#", "#fff", "ffffff", "#gggggg", "#ffffff;", "#+fffff", "#-fffff", "red", "#ffffff ", "#１２３４５６",
        ])
    func colors(_ text: String) {
        #expect(HexColor(text) == nil)
    }

    @Test("contrast is the ratio of WCAG")
    func ratio() throws {
        #expect(abs(HexColor.black.contrast(to: .white) - 21) < 0.001)
        #expect(abs(try #require(HexColor("#777777")).contrast(to: .white) - 4.478) < 0.001)
    }

    /// Writes the sample pages where `SAMPLE_PAGES` says, to be looked at in a browser, else into a folder that is removed.
    @Test("the sample pages are complete documents")
    func samplePages() throws {
        let chosen = ProcessInfo.processInfo.environment["SAMPLE_PAGES"].map { URL(filePath: $0) }
        let folder = chosen ?? FileManager.default.temporaryDirectory.appending(path: "pages-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { if chosen == nil { try? FileManager.default.removeItem(at: folder) } }
        try Data(Stylesheet.text.utf8).write(to: folder.appending(path: "style.css"))
        let theme = Theme(background: HexColor("#0b3d2e"), text: HexColor("#e8f5ee"))
        try Data(theme.css.utf8).write(to: folder.appending(path: "theme.css"))
        for (name, page) in SamplePages.all {
            let file = folder.appending(path: "\(name).html")
            try Data(page.bytes).write(to: file)
            let html = try String(contentsOf: file, encoding: .utf8)
            #expect(html.hasPrefix("<!doctype html>") && html.hasSuffix("</html>\n"))
            #expect(Self.unclosed(html) == [], "\(name)")
        }
    }

    /// The elements that a document does not close in order.
    private static func unclosed(_ html: String) -> [String] {
        let void: Set<String> = ["meta", "link", "input", "img", "br", "hr", "col", "wbr"]
        var open: [String] = []
        for tag in html.matches(of: /<(\/?)([a-z0-9A-Z]+)[^>]*>/) where !void.contains(String(tag.2)) {
            let name = String(tag.2)
            if tag.1.isEmpty {
                open.append(name)
            } else if open.last == name {
                open.removeLast()
            } else {
                return open + [name]
            }
        }
        return open
    }

    /// The colours of a scheme: those of dark replace those of light.
    private static func tokens(_ scheme: String) throws -> [String: HexColor] {
        let blocks = Stylesheet.text.matches(of: /:root \{([^}]*)\}/).map { String($0.1) }
        try #require(blocks.count == 2)
        var tokens: [String: HexColor] = [:]
        for block in scheme == "light" ? [blocks[0]] : blocks {
            for line in block.matches(of: /--([a-z-]+): (#[0-9a-f]{6});/) { tokens[String(line.1)] = HexColor(line.2) }
        }
        return tokens
    }
}
