using System.Buffers.Binary;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>A question that somebody else is to be asked, once for all guests that want to know the same.</summary>
/// <param name="key">What (<see cref="DnsQuery.Key"/>).</param>
public sealed class DnsWaiters(DnsKey key)
{
    /// <summary>Bytes of a key behind the name.</summary>
    private const int BehindName = sizeof(ushort) + 1;

    public DnsKey Key => key;

    /// <summary>The port whose turn it was to have it asked: asking counts for it, and so does remembering the answer.</summary>
    public Port By { get; internal set; } = null!;

    /// <summary>In small letters.</summary>
    public ReadOnlySpan<byte> Name => key.Bytes[..^BehindName];

    public ushort Type => BinaryPrimitives.ReadUInt16BigEndian(key.Bytes[^BehindName..]);

    public bool WantsSecurity => (key.Bytes[^1] & DnsQuery.WantsSecurity) != 0;

    public bool SkipsChecks => (key.Bytes[^1] & DnsQuery.SkipsChecks) != 0;

    internal List<DnsWaiter> All { get; } = new(1);

    /// <summary>Its places in the lines of the ports that want to know, until it is asked for.</summary>
    internal List<LinkedListNode<DnsPlace>> Places { get; } = new(1);

    /// <summary>What they are told; null: it isn't known yet.</summary>
    internal DnsAnswer? Answer { get; set; }

    internal DnsQuestion Question => new(Name, Type, DnsQuestion.Internet);
}
