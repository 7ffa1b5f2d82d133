using System.Text.RegularExpressions;

namespace SoftSwitch.SystemTests.Peers;

/// <summary>
/// The programs that tests may run, each with the Debian package it comes in. Whatever a test starts goes through
/// <see cref="Need.Program"/>, so that no test can use a peer without needing it: one that is missing skips the test, and one that nobody
/// declared here fails it.
/// </summary>
internal static partial class Programs
{
    /// <summary>Debian's package of a program; those of the first row are there on every Debian.</summary>
    public static IReadOnlyDictionary<string, string> Packages { get; } = new Dictionary<string, string>
    {
        ["sh"] = "dash", ["grep"] = "grep", ["ldd"] = "libc-bin", ["env"] = "coreutils", ["cat"] = "coreutils", ["cp"] = "coreutils",
        ["chown"] = "coreutils", ["true"] = "coreutils", ["test"] = "coreutils", ["stty"] = "coreutils", ["timeout"] = "coreutils",
        ["sleep"] = "coreutils", ["readlink"] = "coreutils", ["getent"] = "libc-bin", ["mkfifo"] = "coreutils",
        ["setpriv"] = "util-linux", ["unshare"] = "util-linux", ["nsenter"] = "util-linux", ["prlimit"] = "util-linux", ["mount"] = "mount",
        ["sysctl"] = "procps",
        ["ip"] = "iproute2", ["tc"] = "iproute2", ["ss"] = "iproute2", ["ethtool"] = "ethtool",
        ["ping"] = "iputils-ping", ["arping"] = "iputils-arping", ["keepalived"] = "keepalived",
        ["iperf3"] = "iperf3", ["curl"] = "curl", ["jq"] = "jq", ["traceroute"] = "traceroute",
        ["turnserver"] = "coturn", ["turnutils_natdiscovery"] = "coturn",
        ["wireguard-go"] = "wireguard-go", ["wg"] = "wireguard-tools",
        ["dig"] = "bind9-dnsutils", ["dnsmasq"] = "dnsmasq-base",
        ["busybox"] = "busybox-static", ["dhclient"] = "isc-dhcp-client", ["dhcpcd"] = "dhcpcd-base",
        ["nft"] = "nftables", ["iptables-nft-restore"] = "iptables", ["tcpdump"] = "tcpdump", ["tshark"] = "tshark", ["strace"] = "strace",
        ["gcc"] = "gcc", ["qemu-system-x86_64"] = "qemu-system-x86", ["script"] = "bsdutils",
        // Whoever runs these tests has it.
        ["dotnet"] = "dotnet-sdk-10.0",
    };

    /// <summary>Programs that start another, which stands among their arguments or in the script that they are given.</summary>
    private static readonly string[] Starters = ["sh", "env", "setpriv", "unshare", "nsenter", "prlimit", "ip", "script"];

    /// <summary>The declared programs that a command comes to: itself, and what stands behind it where it starts others.</summary>
    /// <param name="program">A name, or a path, which needs no declaration.</param>
    /// <exception cref="ArgumentException">A name that isn't declared.</exception>
    public static IEnumerable<string> In(string program, IEnumerable<string> arguments)
    {
        var name = Path.GetFileName(program);
        if (!program.Contains('/') && !Packages.ContainsKey(program))
            throw new ArgumentException($"'{program}' is not among the programs that tests may run: add it to Programs.Packages with its "
                + "package, and the package to .ci/run");
        var behind = Starters.Contains(name) ? arguments.SelectMany(argument => Word().Matches(argument)).Select(match => match.Value) : [];
        return behind.Where(Packages.ContainsKey).Prepend(program).Distinct();
    }

    /// <summary>A word of a script, such as the <c>nft</c> in <c>x=$(nft list ruleset)</c>, but not a part of a path or of another
    /// word.</summary>
    [GeneratedRegex(@"(?<![\w./=:-])[a-z][\w-]*(?![\w./=:-])")]
    private static partial Regex Word();
}
