using System.CommandLine;

namespace SoftSwitch.Cli;

/// <summary>An example or two of every command, for its help. A test makes sure that each is there, and is a command line without a
/// mistake.</summary>
internal static class Examples
{
    private static readonly Dictionary<string, string[]> s_lines = new()
    {
        [""] = ["softswitch lab", "softswitch run two-guests.yaml", "softswitch show --watch"],
        ["run"] = ["softswitch run two-guests.yaml", "softswitch run two-guests.yaml --socket /tmp/try.sock"],
        ["check"] = ["softswitch check two-guests.yaml"],
        ["show"] = ["softswitch show --watch", "softswitch show ports --network dev --json"],
        ["show config"] = ["softswitch show config > running.yaml"],
        ["show events"] = ["softswitch show events", "softswitch show events --topic lease,port --json"],
        ["reload"] = ["softswitch reload --dry-run", "softswitch reload"],
        ["route"] = ["softswitch route vm1 198.51.100.7"],
        ["attach"] = ["qemu-system-x86_64 -m 1G disk.qcow2 $(softswitch attach vm1)", "softswitch attach vm1 --format libvirt"],
        ["lab"] = ["softswitch lab", "softswitch lab two-guests.yaml --shell vm1"],
        ["completions"] = ["source <(softswitch completions bash)"],
        ["completions bash"] = ["source <(softswitch completions bash)", "softswitch completions bash > /etc/bash_completion.d/softswitch"],
        ["completions zsh"] = ["source <(softswitch completions zsh)"],
        ["completions fish"] = ["softswitch completions fish | source"],
    };

    /// <summary>At least one for a command that the help shows.</summary>
    public static IReadOnlyList<string> Of(Command command) =>
        command is ShowListCommand list ? list.Examples : s_lines[HelpText.PathOf(command)];
}
