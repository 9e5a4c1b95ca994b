extension CompletionScript {
    var zsh: String {
        """
        #compdef \(root.name)

        \(function)_node() {
            commands=() options=() valued=()
            case "$1" in
        \(zshNodes)    esac
        }

        \(function)_values() {
            case "$1" in
        \(zshValues)    esac
        }

        \(function)() {
            local node=\(Self.quoted(root.name)) word
            local -a commands options valued
            local -i i=2 position=1
            \(function)_node "$node"
            while (( i < CURRENT )); do
                word="${words[i]}"
                if (( ${valued[(Ie)$word]} )); then
                    (( i += 2 ))
                    continue
                fi
                if [[ "$word" != -* ]]; then
                    if (( ${commands[(I)${(b)word}:*]} )); then
                        node="$node $word"
                        \(function)_node "$node"
                    else
                        (( position += 1 ))
                    fi
                fi
                (( i += 1 ))
            done
            if (( i > CURRENT )); then
                \(function)_values "$node|${words[CURRENT-1]}"
            elif [[ "${words[CURRENT]}" == --*=* ]]; then
                word="${words[CURRENT]%%=*}"
                compset -P '*='
                \(function)_values "$node|$word"
            elif [[ "${words[CURRENT]}" == -* ]]; then
                _describe -o option options
            elif (( ${#commands} )); then
                _describe command commands
            else
                \(function)_values "$node|$position"
            fi
        }

        if [[ "${funcstack[1]}" == \(Self.quoted(function)) ]]; then
            \(function) "$@"
        else
            compdef \(function) \(root.name)
        fi

        """
    }

    private var zshNodes: String {
        paths.map { path in
            let commands = path.command.subcommands.map { Self.described($0.name, $0.summary) }
            let options = Self.optionsWithHelp(path).map { Self.described($0.spelling, $0.help) }
            return """
                        \(Self.quoted(path.text)))
                            commands=(\(Self.quotedList(commands)))
                            options=(\(Self.quotedList(options)))
                            valued=(\(Self.quotedList(Self.valued(path))))
                            ;;

                """
        }.joined()
    }

    private var zshValues: String {
        places.map { place in
            let offer: String
            switch place.completion {
            case .none: offer = ":"
            case .values(let values): offer = "compadd -- \(Self.quotedList(values))"
            case .file: offer = "_files"
            case .command(let command): offer = "compadd -- \"${(@f)$(\(command) 2>/dev/null)}\""
            }
            return "        \(place.patterns.joined(separator: " | "))) \(offer) ;;\n"
        }.joined()
    }

    /// `name:description` for `_describe`, which splits at the first colon that has no backslash.
    private static func described(_ name: String, _ description: String) -> String {
        name.split(separator: ":", omittingEmptySubsequences: false).joined(separator: "\\:") + ":" + description
    }
}
