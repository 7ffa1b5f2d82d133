using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>What a network's server of DNS knows of itself. Immutable; the control plane replaces it whole. All names are in small letters,
/// as they stand in a message (<see cref="Packets.Dns.DnsName"/>).</summary>
public sealed record DnsScope
{
    /// <summary>Ours, at which guests ask.</summary>
    public required Ipv4Address Server { get; init; }

    /// <summary>What isn't ours to know is asked for elsewhere; else such questions are refused.</summary>
    public bool AsksOthers { get; init; } = true;

    /// <summary>Its addresses have names here, and nowhere else.</summary>
    public required Ipv4Subnet Subnet { get; init; }

    /// <summary>Names below it are here, and nowhere else: <c>dev.internal</c>.</summary>
    public required ReadOnlyMemory<byte> Domain { get; init; }

    /// <summary>What may stand behind the name of a guest: nothing (the root), the network's name, the domain.</summary>
    public required ReadOnlyMemory<byte>[] Suffixes { get; init; }

    /// <summary>Addresses of names that somebody has given, with each suffix: of the gateway, of ports and reservations with an address in
    /// the file, and what the file says beside.</summary>
    public Dictionary<DnsKey, Ipv4Address[]> Names { get; init; } = new(DnsKey.Comparer);

    /// <summary>The same names as somebody has given them: a word, or a name with a dot, which has no suffix.</summary>
    public List<(string Name, Ipv4Address Address)> Given { get; init; } = [];

    /// <summary>The names of ports whose guests get their addresses by DHCP: names without a suffix.</summary>
    public HashSet<string> Ports { get; init; } = [];

    /// <summary>What the addresses of <see cref="Names"/> are called, with the domain.</summary>
    public Dictionary<Ipv4Address, ReadOnlyMemory<byte>> Addresses { get; init; } = [];
}
