using System.Runtime.CompilerServices;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// What a packet's translation needs of its flow, copied while the slot was surely the flow's; and the slot, for what is noted there.
/// </summary>
internal readonly unsafe struct FlowMatch(
    Flow* flow, uint version, ulong addresses, ulong ports, ChecksumDelta addressDelta, ChecksumDelta transportDelta)
{
    public readonly Flow* Flow = flow;
    public readonly ulong Addresses = addresses;
    public readonly ulong Ports = ports;
    public readonly ChecksumDelta AddressDelta = addressDelta;
    public readonly ChecksumDelta TransportDelta = transportDelta;

    /// <summary>The slot's version then: while it is the same, the slot is still this flow's.</summary>
    public readonly uint Version = version;

    /// <summary>Sure under the translator's lock; else for a moment.</summary>
    public bool IsStill
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref Flow->Version) == Version;
    }

    public Ipv4Address InsideAddress => new((uint)(Addresses >> 32));

    public ushort InsidePort => (ushort)(Ports >> 48);

    public ushort OutsidePort => (ushort)(Ports >> 32);

    public int Policy => Nat.Flow.PolicyOf(Ports);

    public int Alias => Nat.Flow.AliasOf(Ports);
}
