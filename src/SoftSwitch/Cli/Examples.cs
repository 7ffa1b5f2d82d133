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
        ["reload"] = ["softswitch reload --dry-run", "softswitch reload", "softswitch reload other.yaml"],
        ["upgrade"] = ["softswitch upgrade --dry-run", "softswitch upgrade"],
        ["port"] = ["softswitch port add vm9 --network dev --kind guest", "softswitch port remove vm9"],
        ["port add"] =
        [
            "softswitch port add vm9 --network dev --kind guest",
            "softswitch port add ci[1-50] --network dev --kind guest --ttl 10m",
            "softswitch port add box --network dev --kind tap --netns box --address auto",
        ],
        ["port set"] = ["softswitch port set vm9 --flood-limit 500", "softswitch port set vm9 vm[1-3] --unset flood-limit"],
        ["port remove"] = ["softswitch port remove vm9", "softswitch port remove ci[1-50]"],
        ["port up"] = ["softswitch port up vm9"],
        ["port down"] = ["softswitch port down vm9", "softswitch port down vm[1-3] --ttl 10m"],
        ["network"] = ["softswitch network add lab2 --mode internal", "softswitch network remove lab2"],
        ["network add"] =
        [
            "softswitch network add lab2 --mode internal",
            "softswitch network add lab3 --mode host-only --dhcp off --ttl 2h",
        ],
        ["network set"] = ["softswitch network set dev --ageing 600s", "softswitch network set dev --unset ageing"],
        ["network remove"] = ["softswitch network remove lab2"],
        ["forward"] = ["softswitch forward add --network dev tcp/2222 web:22"],
        ["forward add"] =
        [
            "softswitch forward add --network dev tcp/2222 web:22",
            "softswitch forward add --network dev udp/5000-5010 10.10.0.20 --ttl 1h",
        ],
        ["forward remove"] = ["softswitch forward remove --network dev tcp/2222"],
        ["connect"] =
        [
            "softswitch connect --network dev --container web --address auto",
            "softswitch connect --network dev --pid 4711 --interface eth1 --name box",
        ],
        ["config"] = ["softswitch config save"],
        ["config save"] = ["softswitch config save --dry-run", "softswitch config save", "softswitch config save - > merged.yaml"],
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
