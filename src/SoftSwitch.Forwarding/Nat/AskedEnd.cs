using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>What an outsider asks at a port of an address outside.</summary>
/// <param name="Kind">As of a port: a guest's own, or a forward's.</param>
/// <param name="Inside">The inside end, as in <see cref="Mapping.Inside"/>.</param>
/// <param name="Owner">As <see cref="Mapping.Owner"/>.</param>
/// <param name="IsNamed">The forward is asked at this address only (<see cref="NamedForwards"/>).</param>
internal readonly record struct AskedEnd(MappingKind Kind, ulong Inside, ushort Owner = 0, bool IsNamed = false)
{
    /// <summary>Nobody is there for an outsider.</summary>
    public bool IsNobodys => Kind is MappingKind.Free or MappingKind.Ending;

    public Ipv4Address Address => new((uint)(Inside >> 32));

    public ushort Port => (ushort)(Inside >> 16);

    public int Policy => MappingTable.PolicyOf(Inside);
}
