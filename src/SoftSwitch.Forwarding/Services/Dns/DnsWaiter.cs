using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>A guest that waits for an answer.</summary>
/// <param name="caller">Who it is.</param>
/// <param name="asker">What comes back with it.</param>
/// <param name="name">The name as it has written it.</param>
/// <param name="since">When it asked.</param>
internal sealed class DnsWaiter(DnsCaller caller, DnsAsker asker, ReadOnlySpan<byte> name, Instant since)
{
    private readonly byte[] _name = name.ToArray();

    public DnsCaller Caller => caller;

    public DnsAsker Asker => asker;

    public Instant Since => since;

    public DnsQuestion Question(ushort type) => new(_name, type, DnsQuestion.Internet);

    /// <summary>It has asked before, and asks again.</summary>
    public bool IsSame(DnsWaiter other) => caller == other.Caller && asker.Id == other.Asker.Id;
}
