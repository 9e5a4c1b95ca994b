// CommandLine: a declarative command tree and the terminal it talks to. It knows nothing of the product.
//
// A program is a tree of ``Command`` values. From that one tree come parsing (flag over environment over default), help at
// every level, a Markdown reference and completion scripts, so none of them can disagree with another.
//
// Invariants: misuse never traps and always ends in exit status 64 with one line naming the flag or value; text that came
// from elsewhere reaches a terminal only after its control characters were replaced.
//
// Read `Command.swift` first, then `Program.swift`.
