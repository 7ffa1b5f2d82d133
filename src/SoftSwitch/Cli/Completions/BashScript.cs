namespace SoftSwitch.Cli.Completions;

/// <summary>Completion in bash: the command itself is asked for the words that fit; where it knows none, file names. Options are only
/// offered after a hyphen.</summary>
internal static class BashScript
{
    public const string Text = """
        # bash completion for softswitch. Load it with: source <(softswitch completions bash)
        # or for good: softswitch completions bash > /etc/bash_completion.d/softswitch
        _softswitch() {
            local word
            COMPREPLY=()
            while IFS= read -r word; do
                [[ $2 != -* && $word == -* ]] && continue
                [[ $word == "$2"* ]] && COMPREPLY+=("$word")
            done < <("$1" "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)
        }
        complete -o default -F _softswitch softswitch

        """;
}
