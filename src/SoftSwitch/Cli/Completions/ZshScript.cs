namespace SoftSwitch.Cli.Completions;

/// <summary>Completion in zsh: the command itself is asked for the words that fit; where it knows none, file names. Options are only
/// offered after a hyphen.</summary>
internal static class ZshScript
{
    public const string Text = """
        #compdef softswitch
        # zsh completion for softswitch. Load it with: source <(softswitch completions zsh)
        # or for good, in a directory of $fpath: softswitch completions zsh > _softswitch
        _softswitch() {
            local line="${(j: :)words[1,CURRENT]}"
            local -a found
            found=(${(f)"$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)"})
            [[ ${words[CURRENT]} == -* ]] || found=(${found:#-*})
            if (( $#found )); then
                compadd -- $found
            else
                _files
            fi
        }
        if [[ $funcstack[1] == _softswitch ]]; then
            _softswitch "$@"
        else
            compdef _softswitch softswitch
        fi

        """;
}
