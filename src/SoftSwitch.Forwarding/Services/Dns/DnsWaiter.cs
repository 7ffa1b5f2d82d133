using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>A guest that waits for an answer.</summary>
/// <param name="input">The port that it has asked by.</param>
/// <param name="mac">Its own.</param>
/// <param name="from">Where the answer goes to.</param>
/// <param name="asker">What comes back with it.</param>
/// <param name="name">The name as it has written it.</param>
/// <param name="since">When it asked.</param>
internal sealed class DnsWaiter(
    Membership input, MacAddress mac, (Ipv4Address Address, ushort Port) from, DnsAsker asker, ReadOnlySpan<byte> name, Instant since)
{
    private readonly byte[] _name = name.ToArray();

    public Membership Input => input;

    public MacAddress Mac => mac;

    public (Ipv4Address Address, ushort Port) From => from;

    public DnsAsker Asker => asker;

    public Instant Since => since;

    public DnsQuestion Question(ushort type) => new(_name, type, DnsQuestion.Internet);

    /// <summary>It has asked before, and asks again.</summary>
    public bool IsSame(Membership other, (Ipv4Address Address, ushort Port) otherFrom, DnsAsker otherAsker) =>
        input == other && from == otherFrom && asker.Id == otherAsker.Id;
}
