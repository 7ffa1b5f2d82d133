using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>What the forwarding database knows of a station.</summary>
/// <param name="Slot">The slot that it is behind; 0: it isn't known.</param>
/// <param name="Heard">When it was last heard there, in seconds.</param>
/// <param name="IsStatic">It was set, not heard.</param>
/// <param name="Addresses">Up to two IPv4 addresses by which it can be asked, 32 bits each; 0: none.</param>
internal readonly record struct Whereabouts(ushort Slot, uint Heard, bool IsStatic, ulong Addresses)
{
    public Ipv4Address First => new((uint)Addresses);

    public Ipv4Address Second => new((uint)(Addresses >> 32));

    public bool Has(Ipv4Address address) => First == address || Second == address;
}
