import Domain
import Foundation
import Testing

@Suite("Patterns of group filters")
struct LinearPatternTests {
    @Test(
        "a pattern finds a part of the text",
        arguments: [
            ("", "", true), ("", "x", true), ("^$", "", true), ("^$", "x", false), ("eng", "engineering", true),
            ("^eng$", "engineering", false), ("^(eng|ops)-", "ops-eu", true), ("^(eng|ops)-", "dev-ops-eu", false),
            ("a|b|c", "xxc", true), ("(|a)b", "b", true), ("^a{2,3}$", "a", false), ("^a{2,3}$", "aaa", true),
            ("^a{2,3}$", "aaaa", false), ("^a{2,}$", "aaaaaa", true), ("^a{0}$", "", true), ("^a{0}$", "a", false),
            ("^[a-c]+$", "abcab", true), ("^[^a-c]+$", "xyb", false), ("^[]x]+$", "]x", true), ("^[a-]+$", "a-", true),
            ("^[\\d_-]+$", "1_-", true), ("^\\w+\\s\\S+$", "a1_ é", true), ("^\\D$", "1", false),
            ("\\bops\\b", "dev-ops", true), ("\\bops\\b", "devops", false), ("\\Bops", "devops", true),
            ("^.$", "é", true), ("^.$", "\n", false), ("^é{2}$", "éé", true), ("a\\.b", "a.b", true),
            ("a\\.b", "axb", false), ("^(?:ab)*$", "ababab", true), ("^(?:ab)*$", "aba", false),
            ("^(a*)*$", "aaaa", true), ("(\\b)*x", "x", true), ("^(a|ab)(c|bcd)$", "abcd", true),
        ])
    func matches(pattern: String, text: String, isMatch: Bool) throws {
        #expect(try #require(LinearPattern(pattern)).matches(text) == isMatch)
    }

    @Test(
        "what could not be matched in linear time, or means nothing, is no pattern",
        arguments: [
            "(a)\\1", "(?=a)", "(?!a)", "(?<n>a)", "a*?", "a++", "*", "a{", "a{1", "a{101}", "a{2,1}", "[", "[]", "(",
            ")",
            "a)", "\\", "\\q", "[z-a]", "((a{100}){100}){100}", "[\\1]",
        ])
    func refused(pattern: String) {
        #expect(LinearPattern(pattern) == nil)
    }

    @Test("what takes others exponential time takes this one none worth measuring")
    func isLinear() throws {
        let pattern = try #require(LinearPattern("^(a|a)*(a|aa)+(a*)*b$"))
        #expect(!pattern.matches(String(repeating: "a", count: 20_000)))
    }

    @Test("the answers agree with another engine on random patterns and texts")
    func agrees() throws {
        var generator = SystemRandomNumberGenerator()
        func pick(_ choices: [String]) -> String { choices.randomElement(using: &generator) ?? "" }
        for _ in 0..<2000 {
            let atoms = (0..<Int.random(in: 1...5)).map { _ in
                pick(["a", "b", ".", "[ab]", "[^a]", "(a|b)", "(?:ab|)", "\\w"])
                    + pick(["", "", "*", "+", "?", "{1,2}"])
            }
            let text = (0..<Int.random(in: 0...7)).map { _ in pick(["a", "b", "c"]) }.joined()
            let pattern = pick(["", "^"]) + atoms.joined() + pick(["", "$"])
            let other = try NSRegularExpression(pattern: pattern)
            let range = NSRange(location: 0, length: text.utf16.count)
            #expect(
                try #require(LinearPattern(pattern)).matches(text) == (other.firstMatch(in: text, range: range) != nil),
                "\(pattern) on \(text)")
        }
    }
}
