import CommandLine
import Foundation
import Testing

@Suite("Completion")
struct CompletionTests {
    @Test("the script is printed for each shell", arguments: Shell.allCases)
    func printed(_ shell: Shell) async {
        let result = await Sample.run(["completion", shell.rawValue])
        #expect(result.status == 0)
        #expect(result.output == Sample.program.completionScript(for: shell))
    }

    /// The words typed so far and what bash offers, by running bash itself.
    @Test(
        "bash offers what fits the place",
        arguments: [
            (["orgctl", ""], ["accounts", "completion"]),
            (["orgctl", "acc"], ["accounts"]),
            (["orgctl", "--"], ["--output", "--help", "--version"]),
            (["orgctl", "-o", ""], ["table", "json", "csv"]),
            (["orgctl", "--output", "=", "js"], ["json"]),
            (["orgctl", "--output", "="], ["table", "json", "csv"]),
            (["orgctl", "-o", "json", "accounts", "d"], ["delete"]),
            (["orgctl", "--output", "=", "json", "accounts", ""], ["create", "delete"]),
            (["orgctl", "accounts", "create", "--no"], ["--notify", "--no-notify"]),
            (["orgctl", "accounts", "create", "--output", "c"], ["csv"]),
            (["orgctl", "accounts", "create", "--tag", "accounts", ""], []),
            (["orgctl", "accounts", "delete", "--token", "t", "o"], ["ops", "other\\ \\$\\(id\\)"]),
            (["orgctl", "accounts", "delete", "x", "y", "op"], ["ops"]),
            (["orgctl", "completion", ""], ["bash", "zsh", "fish"]),
        ])
    func bash(_ words: [String], _ offered: [String]) throws {
        let quoted = words.map { "'\($0)'" }.joined(separator: " ")
        let script = """
            orgctl() { printf '%s\\n' 'ops' 'other $(id)'; }
            \(Sample.program.completionScript(for: .bash))
            COMP_WORDS=(\(quoted)); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _orgctl
            for word in "${COMPREPLY[@]}"; do printf '%s\\n' "$word"; done
            """
        let (output, status) = try Self.runBash(script)
        #expect(status == 0)
        #expect(output.split(separator: "\n").map(String.init) == offered)
    }

    @Test("the zsh script describes commands and never expands candidates")
    func zsh() {
        let script = Sample.program.completionScript(for: .zsh)
        #expect(script.hasPrefix("#compdef orgctl\n"))
        #expect(
            script.contains(
                "commands=('accounts:Accounts of an organization' 'completion:Print the completion script of a shell')")
        )
        #expect(
            script.contains(
                "'orgctl|--output' | 'orgctl '*'|--output' | 'orgctl|-o' | 'orgctl '*'|-o') compadd -- 'table' 'json' 'csv' ;;"
            ))
        #expect(
            script.contains(
                "'orgctl accounts delete|'[0-9]*) compadd -- \"${(@f)$(orgctl accounts list --names 2>/dev/null)}\" ;;")
        )
        #expect(script.contains("--from') _files ;;"))
    }

    @Test("the fish script has a line for each command and option")
    func fish() {
        let script = Sample.program.completionScript(for: .fish)
        #expect(
            script.contains(
                "complete -c orgctl -n '__orgctl_at \\'orgctl\\'' -a 'accounts' -d 'Accounts of an organization'\n"))
        #expect(
            script.contains(
                "complete -c orgctl -n '__orgctl_below \\'orgctl\\'' -l 'output' -s o -x -a 'table json csv' -d 'How results are printed.'\n"
            ))
        #expect(script.contains("-l 'from' -r -F -d 'Read names from a file.'\n"))
        #expect(
            script.contains(
                "            case 'orgctl accounts|create'\n                set node 'orgctl accounts create'\n"))
    }

    @Test("a quote in a text cannot leave its string")
    func quoting() throws {
        let program = Program(
            Command(
                "tool", summary: "It's", options: [.value("a", help: "x", rule: .oneOf(["it's", "$(id)", "b c"]))],
                subcommands: [Command("sub", summary: "Don't", run: { _ in .ok })]), version: "1")
        let script =
            program.completionScript(for: .bash) + """

                COMP_WORDS=(tool --a ''); COMP_CWORD=2
                _tool
                printf '%s\\n' "${COMPREPLY[@]}"
                """
        let (output, status) = try Self.runBash(script)
        #expect(status == 0)
        #expect(output == "it\\'s\n\\$\\(id\\)\nb\\ c\n")
        #expect(program.completionScript(for: .zsh).contains("'sub:Don'\\''t'"))
        #expect(program.completionScript(for: .fish).contains("-d 'Don\\'t'"))
    }

    private static func runBash(_ script: String) throws -> (output: String, status: Int32) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["--norc", "-c", script]
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (String(decoding: data, as: UTF8.self), process.terminationStatus)
    }
}
