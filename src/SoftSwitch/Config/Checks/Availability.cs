using SoftSwitch.Config.Yaml;
using SoftSwitch.Model;

namespace SoftSwitch.Config.Checks;

/// <summary>
/// What of the language is built by now. All of it is read and checked; what is not built is refused here, and nowhere else.
/// A kind that gets built is added to the list; a key or value that gets built loses its line in <see cref="Check"/>.
/// </summary>
internal static class Availability
{
    private static readonly PortKind[] Kinds = [PortKind.Tap, PortKind.Guest, PortKind.Nic, PortKind.Veth];

    /// <summary>What may be advised.</summary>
    public static IReadOnlyList<string> KindWords { get; } = [.. Kinds.Select(kind => kind.Word())];

    public static bool IsBuilt(PortKind kind) => Kinds.Contains(kind);

    public static void Check(SwitchConfig config, MistakeList mistakes)
    {
        foreach (var network in config.Networks)
        {
            if (network.Dhcp is { Off: false } dhcp)
                mistakes.Add(dhcp.At, "'dhcp' is not available yet: leave it out, and give the guests addresses of their own");
            if (network.Dns is { Off: false } dns)
                mistakes.Add(dns.At, "'dns' is not available yet: leave it out, and give the guests a DNS server of their own");
            if (network.Outside?.DhcpAt is { } at)
                mistakes.Add(at, "'address': 'dhcp' is not available yet: write host, or an address such as 192.0.2.10/24");
        }
        foreach (var port in config.Ports)
        {
            if (port.Kind is { } kind && !IsBuilt(kind.Value))
                mistakes.Add(kind.At, $"kind '{kind.Value.Word()}' is not available yet (available: {string.Join(", ", KindWords)})");
        }
        if (config.Listen is { } listen)
            mistakes.Add(listen.At, "'listen' is not available yet: leave it out");
    }
}
