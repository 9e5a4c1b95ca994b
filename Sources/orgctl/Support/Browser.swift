import Glibc

/// The browser of the person at the keyboard.
enum Browser {
    /// Whether one was told to open `address`, which must be an http or https URL: the first that starts of those that
    /// `$BROWSER` names, or what the desktop has.
    static func open(_ address: String, _ environment: [String: String]) -> Bool {
        guard address.hasPrefix("https://") || address.hasPrefix("http://") else { return false }
        return commands(environment["BROWSER"]).contains { command in
            let words = words(of: command, address)
            guard let program = words.first else { return false }
            return Subprocess.start(program, Array(words.dropFirst()), silently: true) != nil
        }
    }

    /// Commands that a colon separates, as other programs read the variable.
    private static func commands(_ variable: String?) -> [String] {
        let named = (variable ?? "").split(separator: ":").map(String.init)
        return named.isEmpty ? ["xdg-open"] : named
    }

    /// The address stands where the command has `%s`, else at its end. No shell reads it.
    private static func words(of command: String, _ address: String) -> [String] {
        let words = command.split(separator: " ").map(String.init)
        let marked = words.map { $0.replacing("%s", with: address) }
        return marked == words ? words + [address] : marked
    }
}

/// Programs that are found in PATH.
enum Subprocess {
    /// The process id; `nil` when there is no such program.
    ///
    /// - Parameters:
    ///   - silently: without standard input and output of ours.
    ///   - descriptor: stays open in it, with its number.
    static func start(
        _ program: String, _ arguments: [String], silently: Bool = false, keeping descriptor: Int32? = nil
    ) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if silently {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
            posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
            posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        }
        // A copy onto itself takes close-on-exec away, in the child only (POSIX.1-2024).
        if let descriptor { posix_spawn_file_actions_adddup2(&actions, descriptor, descriptor) }
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process = pid_t()
        return posix_spawnp(&process, program, &actions, nil, &words, environ) == 0 ? process : nil
    }

    /// Waits for its end. The status it ended with, or 128 and the number of the signal.
    static func wait(for process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            if errno != EINTR { return 127 }
        }
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }
}
