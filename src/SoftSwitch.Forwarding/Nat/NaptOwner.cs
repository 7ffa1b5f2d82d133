using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// Whom flows count for: a port of a network, whatever addresses are behind it; of what outsiders begin by a forward, the address that it
/// leads to, and the port that answers when they have been forgotten meanwhile. One number, so that tables find it quickly.
/// </summary>
public readonly record struct NaptOwner
{
    private const ulong IsPort = 1UL << 32, IsAnswers = 1UL << 16;

    internal NaptOwner(ulong key) => Key = key;

    internal ulong Key { get; }

    /// <summary>The network's number.</summary>
    public int Policy => (int)(Key >> 33);

    /// <summary>The port's slot in the network; 0: outsiders began it.</summary>
    public ushort Port => (Key & (IsPort | IsAnswers)) == IsPort ? (ushort)Key : (ushort)0;

    /// <summary>The port's slot, also where it is its answers that count; 0: none.</summary>
    internal static ushort SlotOf(ulong key) => (key & IsPort) != 0 ? (ushort)key : (ushort)0;

    /// <summary>Where what outsiders began leads to; 0: it is the answers of a port to those that have been forgotten.</summary>
    public Ipv4Address Address => (Key & IsPort) == 0 ? new((uint)Key) : default;

    /// <param name="port">The port's slot; 0: it counts for the address.</param>
    internal static NaptOwner Of(int policy, ushort port, uint address) => new((ulong)policy << 33 | (port != 0 ? IsPort | port : address));

    /// <summary>Of what outsiders began, as far as a port has answered it late.</summary>
    internal static NaptOwner OfAnswers(int policy, ushort port) => new((ulong)policy << 33 | IsPort | IsAnswers | port);
}
