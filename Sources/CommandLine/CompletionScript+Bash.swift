extension CompletionScript {
    var bash: String {
        """
        # bash completion of \(root.name)

        \(function)_node() {
            commands=() options=() valued=()
            case "$1" in
        \(bashNodes)    esac
        }

        # Offers the lines of standard input that continue the current word, each quoted and never expanded.
        \(function)_offer() {
            local line
            while IFS= read -r line; do
                if [[ -n "$line" && "$line" == "$cur"* ]]; then COMPREPLY+=("$(printf '%q' "$line")"); fi
            done
        }

        \(function)_values() {
            case "$1" in
        \(bashValues)    esac
        }

        \(function)_has() {
            local wanted="$1" word
            shift
            for word in "$@"; do
                if [[ "$word" == "$wanted" ]]; then return 0; fi
            done
            return 1
        }

        \(function)() {
            local cur="${COMP_WORDS[COMP_CWORD]}" node=\(Self.quoted(root.name)) word option='' i=1 position=1
            local -a commands options valued
            COMPREPLY=()
            \(function)_node "$node"
            while ((i < COMP_CWORD)); do
                word="${COMP_WORDS[i]}"
                i=$((i + 1))
                if \(function)_has "$word" "${valued[@]}"; then
                    # The value is the next word, or the one after an equals sign, which bash makes a word of its own.
                    option="$word"
                    if [[ "${COMP_WORDS[i]}" == '=' ]]; then
                        if ((i == COMP_CWORD)); then cur=''; fi
                        if ((i < COMP_CWORD)); then i=$((i + 1)); fi
                    fi
                    if ((i < COMP_CWORD)); then option=''; fi
                    i=$((i + 1))
                elif [[ "$word" != -* ]]; then
                    if \(function)_has "$word" "${commands[@]}"; then
                        node="$node $word"
                        \(function)_node "$node"
                    else
                        position=$((position + 1))
                    fi
                fi
            done
            if [[ -n "$option" ]]; then
                \(function)_values "$node|$option"
            elif [[ "$cur" == -* ]]; then
                \(function)_offer < <(printf '%s\\n' "${options[@]}")
            elif ((${#commands[@]} > 0)); then
                \(function)_offer < <(printf '%s\\n' "${commands[@]}")
            else
                \(function)_values "$node|$position"
            fi
        }

        complete -F \(function) \(root.name)

        """
    }

    private var bashNodes: String {
        paths.map { path in
            """
                    \(Self.quoted(path.text)))
                        commands=(\(Self.quotedList(path.command.subcommands.map(\.name))))
                        options=(\(Self.quotedList(Self.optionsWithHelp(path).map(\.spelling))))
                        valued=(\(Self.quotedList(Self.valued(path))))
                        ;;

            """
        }.joined()
    }

    private var bashValues: String {
        places.map { place in
            let offer: String
            switch place.completion {
            case .none: offer = ":"
            case .values(let values): offer = "\(function)_offer < <(printf '%s\\n' \(Self.quotedList(values)))"
            case .file: offer = "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")"
            case .command(let command): offer = "\(function)_offer < <(\(command) 2>/dev/null)"
            }
            return "        \(place.patterns.joined(separator: " | "))) \(offer) ;;\n"
        }.joined()
    }
}
