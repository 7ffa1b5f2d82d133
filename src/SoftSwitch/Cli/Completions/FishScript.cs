namespace SoftSwitch.Cli.Completions;

/// <summary>Completion in fish: the command itself is asked for the words that fit; file names where a file is meant.</summary>
internal static class FishScript
{
    public const string Text = """
        # fish completion for softswitch. Load it with: softswitch completions fish | source
        # or for good: softswitch completions fish > ~/.config/fish/completions/softswitch.fish
        function __softswitch_words
            set -l line (commandline -cp)
            set -l token (commandline -ct)
            # In a variable, not in a pipe: inside of a block `string` doesn't read what is piped to the block.
            set -l words (softswitch "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)
            if string match -q -- '-*' "$token"
                printf '%s\n' $words
            else
                string match -v -- '-*' $words
            end
        end
        complete -c softswitch -f -a '(__softswitch_words)'
        complete -c softswitch -n '__fish_seen_subcommand_from run check lab' -F

        """;
}
