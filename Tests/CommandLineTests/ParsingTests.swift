import Testing

@testable import CommandLine

@Suite("Parsing")
struct ParsingTests {
    static let defaults =
        #"tags=[] limit=10 wait=- proxies=["127.0.0.1/32", "::1/128"] notify=true yes=false"#

    @Test(
        "every spelling of an option gives its value",
        arguments: [
            ["--output", "json"], ["--output=json"], ["-o", "json"], ["-ojson"], ["-o=json"],
        ])
    func spellings(_ words: [String]) async {
        let before = await Sample.run(words + ["accounts", "create", "ops"])
        let after = await Sample.run(["accounts", "create", "ops"] + words)
        #expect(before.output == "orgctl/accounts/create name=ops output=json \(Self.defaults)")
        #expect(after.output == before.output)
        #expect(before.status == 0)
        #expect(before.error.isEmpty)
    }

    @Test("flags, clusters, repetition and lists")
    func combinations() async {
        let result = await Sample.run([
            "accounts", "create", "-yt", "eu", "--tag=a=b", "--no-notify", "--wait", "1m30s", "--limit", "7",
            "--proxies", "10.0.0.0/8,::/0", "ops",
        ])
        #expect(
            result.output == """
                orgctl/accounts/create name=ops output=table tags=["eu", "a=b"] limit=7 wait=90.0 seconds \
                proxies=["10.0.0.0/8", "::/0"] notify=false yes=true
                """)
    }

    @Test("a flag wins over the environment, which wins over the default")
    func precedence() async {
        let environment = ["ORGCTL_OUTPUT": "csv", "ORGCTL_TAGS": "x, y,", "ORGCTL_NOTIFY": "off"]
        let fromEnvironment = await Sample.run(["accounts", "create", "ops"], environment: environment)
        #expect(fromEnvironment.output.contains(#"output=csv tags=["x", "y"]"#))
        #expect(fromEnvironment.output.contains("notify=false"))
        let fromFlags = await Sample.run(
            ["accounts", "create", "ops", "-o", "json", "--tag", "z", "--notify"], environment: environment)
        #expect(fromFlags.output.contains(#"output=json tags=["z"]"#))
        #expect(fromFlags.output.contains("notify=true"))
    }

    @Test("an empty variable counts as absent")
    func emptyVariable() async {
        let result = await Sample.run(
            ["accounts", "create", "ops"], environment: ["ORGCTL_OUTPUT": "", "ORGCTL_NOTIFY": ""])
        #expect(result.output == "orgctl/accounts/create name=ops output=table \(Self.defaults)")
    }

    @Test("two dashes end the options, one dash and negative numbers are values")
    func dashes() async {
        let ended = await Sample.run(["accounts", "delete", "--token", "abcd", "--", "-x", "--yes"])
        #expect(ended.output == "-x+--yes abcd")
        let plain = await Sample.run(["accounts", "delete", "--token=-abc", "-", "-5"])
        #expect(plain.output == "-+-5 -abc")
        #expect(plain.status == 2)
    }

    @Test(
        "misuse ends in status 64 and one line that names the culprit",
        arguments: [
            (["acounts"], #"unknown command "acounts" of orgctl; did you mean accounts?"#),
            (["accounts", "zzz"], #"unknown command "zzz" of orgctl accounts"#),
            (["accounts", "del"], #"unknown command "del" of orgctl accounts; did you mean delete?"#),
            (["--ouptut", "json"], "unknown option --ouptut; did you mean --output?"),
            (["--zzzzzz"], "unknown option --zzzzzz"),
            (["accounts", "create", "--no-yes"], "unknown option --no-yes"),
            (["accounts", "create", "-q"], "unknown option -q"),
            (["--limit", "3"], "unknown option --limit"),
            (["-o", "xml"], #"-o: "xml" is not one of table, json, csv"#),
            (["--output=jsno"], #"--output: "jsno" is not one of table, json, csv; did you mean json?"#),
            (["--output"], "--output needs a value"),
            (["--output", "--", "x"], "--output needs a value"),
            (
                ["accounts", "create", "--tag", "--yes"],
                "--tag needs a value; one that starts with a dash is written --tag=VALUE"
            ),
            (["accounts", "create", "--yes=true"], "--yes takes no value"),
            (["accounts", "create", "--no-notify=1"], "--no-notify takes no value"),
            (["accounts", "create", "--limit", "many"], #"--limit: "many" is not a whole number"#),
            (["accounts", "create", "--limit", "101"], #"--limit: "101" is not from 1 to 100"#),
            (["accounts", "create", "--wait", "5"], #"--wait: "5" is not a duration such as 300ms, 10s or 2h45m"#),
            (["accounts", "create", "--limit", "1", "--limit", "2"], "--limit is given twice"),
            (["accounts", "create", "--notify", "--no-notify"], "--no-notify is given twice"),
            (["accounts", "create", "--tag="], #"--tag: "" is empty"#),
            (["accounts", "create"], "<name> is missing"),
            (["accounts", "create", "a", "b"], #"unexpected argument "b""#),
            (["accounts", "delete", "a"], "--token (or ORGCTL_TOKEN) is required"),
            (["accounts", "delete", "--token", "abcd"], "<account> is missing"),
            (["accounts", "delete", "a", "--token", "xy"], "--token: the value is too short"),
            (["completion", "csh"], #"<shell>: "csh" is not one of bash, zsh, fish; did you mean zsh?"#),
            (["evil\u{1b}[2J\n"], "unknown command \"evil\u{fffd}[2J \" of orgctl"),
        ])
    func misuse(_ words: [String], _ message: String) async {
        let result = await Sample.run(words)
        #expect(result.status == 64)
        #expect(result.error == "orgctl: \(message)\n")
        #expect(result.output.isEmpty)
    }

    @Test(
        "a bad variable is named, and a secret one is not shown",
        arguments: [
            (
                ["ORGCTL_OUTPUT": "xml", "ORGCTL_TOKEN": "abcd"],
                #"ORGCTL_OUTPUT: "xml" is not one of table, json, csv"#
            ),
            (["ORGCTL_TOKEN": "pw"], "ORGCTL_TOKEN: the value is too short"),
        ])
    func badVariable(_ environment: [String: String], _ message: String) async {
        let result = await Sample.run(["accounts", "delete", "a"], environment: environment)
        #expect(result.status == 64)
        #expect(result.error == "orgctl: \(message)\n")
    }

    @Test("variables of other commands are not looked at")
    func foreignVariable() async {
        let result = await Sample.run(["accounts", "create", "ops"], environment: ["ORGCTL_TOKEN": "x"])
        #expect(result.status == 0)
    }

    @Test("a command may refuse a combination itself")
    func ownMisuse() async {
        let program = Program(
            Command("tool", summary: "A tool", run: { $0.misuse("--a excludes\n--b") }), version: "1")
        let transcript = Transcript()
        let status = await program.run([], environment: [:], terminal: transcript.terminal())
        #expect(status == .usage)
        #expect(transcript.error == "tool: --a excludes --b\n")
    }

    @Test("values know where they came from")
    func sources() async {
        let program = Program(
            Command(
                "tool", summary: "A tool",
                options: [
                    .value("a", environment: "A", default: "1", help: ""),
                    .value("b", environment: "B", default: "1", help: ""),
                    .value("c", environment: "C", default: "1", help: ""), .value("d", help: ""),
                    .flag("e", negatable: true, help: ""),
                ],
                run: { values in
                    #expect(values.source(of: "a") == .flag)
                    #expect(values.source(of: "b") == .environment)
                    #expect(values.source(of: "c") == .defaultValue)
                    #expect(values.source(of: "d") == nil)
                    #expect(values.stringIfGiven("d") == nil)
                    #expect(values.boolIfGiven("e") == nil)
                    return .ok
                }), version: "1")
        let status = await program.run(
            ["--a", "2"], environment: ["A": "3", "B": "2"], terminal: Transcript().terminal())
        #expect(status == .ok)
    }

    @Test(
        "distance counts edits and swaps",
        arguments: [
            ("", "", 0), ("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("kitten", "sitting", 3),
            ("", "ab", 2),
        ])
    func distance(_ left: String, _ right: String, _ expected: Int) {
        #expect(Suggestion.distance(Array(left), Array(right)) == expected)
        #expect(Suggestion.distance(Array(right), Array(left)) == expected)
    }
}
