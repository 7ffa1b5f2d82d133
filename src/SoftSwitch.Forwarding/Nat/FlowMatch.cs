using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// What a packet's translation needs of its flow, copied while the slot was surely the flow's; and the slot, for what is noted there.
/// </summary>
internal readonly unsafe struct FlowMatch(Flow* flow, ulong addresses, ulong ports, ChecksumDelta addressDelta, ChecksumDelta transportDelta)
{
    public readonly Flow* Flow = flow;
    public readonly ulong Addresses = addresses;
    public readonly ulong Ports = ports;
    public readonly ChecksumDelta AddressDelta = addressDelta;
    public readonly ChecksumDelta TransportDelta = transportDelta;

    public Ipv4Address InsideAddress => new((uint)(Addresses >> 32));

    public ushort InsidePort => (ushort)(Ports >> 48);

    public ushort OutsidePort => (ushort)(Ports >> 32);

    public int Policy => (ushort)Ports >> 2;
}
