using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// A flow's cache line: who is inside, behind which outside port, with whom; what translating does to the checksums; when each side was
/// last heard; and of TCP, what each side has said.
/// <code>
///   Addresses:  [ inside 32 | remote 32 ]
///   Ports:      [ inside 16 | outside 16 | remote 16 | policy 10 | alias 4 | protocol 2 ]
/// </code>
/// The alias is the number of the address outside at which the flow was begun (<see cref="OutsideAddresses"/>): 0, but where an outsider
/// asked another address than the one that everything leaves with.
/// The version is odd while the slot is empty or being filled. Who reads without the lock copies what it needs and looks at the version
/// before and after. Times and TCP's numbers have one writer each: the side that they are about (several workers may carry that side: then
/// the last word counts). <see cref="State"/> is changed only together with a look at the version, by <see cref="TryChange"/>, a few times
/// in a flow's life.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct Flow
{
    /// <summary>Networks of one translator: their numbers have ten bits.</summary>
    public const int MaximumPolicies = 1 << 10;

    private const int AliasShift = 2, PolicyShift = 6;

    /// <summary>The ports that IANA gives to services by standard (RFC 6335, section 6).</summary>
    public const int LastWellKnownPort = 1023;

    /// <summary>All of <see cref="Ports"/> but the outside port and the alias: with the addresses, what an outbound packet says.</summary>
    public const ulong OutboundMask = 0xFFFF_0000_FFFF_FFC3;

    /// <summary>The outside port, the remote port, the alias and the protocol: with the remote address, what an inbound packet
    /// says.</summary>
    public const ulong InboundMask = 0x0000_FFFF_FFFF_003F;

    public ulong Addresses;
    public ulong Ports;
    public uint Version; // This and the state are one aligned word.
    public FlowState State;

    /// <summary>What going out does to the IP header's checksum and to a partial checksum.</summary>
    public ChecksumDelta AddressDelta;

    /// <summary>What going out does to the transport's checksum.</summary>
    public ChecksumDelta TransportDelta;

    /// <summary>In seconds, as all moments here.</summary>
    public uint Began;

    public FlowSide Inside;
    public FlowSide Remote;

    public readonly Ipv4Address InsideAddress => new((uint)(Addresses >> 32));

    public readonly Ipv4Address RemoteAddress => new((uint)Addresses);

    public readonly ushort InsidePort => (ushort)(Ports >> 48);

    public readonly ushort OutsidePort => (ushort)(Ports >> 32);

    public readonly ushort RemotePort => (ushort)(Ports >> 16);

    public readonly int Policy => PolicyOf(Ports);

    public readonly int Alias => AliasOf(Ports);

    public readonly int Protocol => (int)(Ports & 3);

    /// <summary>The port that whoever began the flow has asked: that of a well-known service, or another.</summary>
    public readonly ushort AskedPort => (State & FlowState.FromOutside) != 0 ? OutsidePort : RemotePort;

    public readonly FlowWorth Worth
    {
        get
        {
            if (Protocol == NatProtocol.Tcp)
                return TcpTracker.IsEstablished(State) ? FlowWorth.Lasting
                    : (State & FlowState.Closed) != 0 ? FlowWorth.Closed
                    : FlowWorth.HalfOpen;
            if ((State & FlowState.Lasting) != 0)
                return FlowWorth.Conversation;
            if ((State & FlowState.Answered) == 0)
                return FlowWorth.Unanswered;
            return IsAnsweredQuestion ? FlowWorth.Answered : FlowWorth.Exchange;
        }
    }

    /// <summary>A question to a well-known UDP port was answered, and nothing was asked since.</summary>
    public readonly bool IsAnsweredQuestion => (State & (FlowState.Answered | FlowState.Continued)) == FlowState.Answered
        && Protocol == NatProtocol.Udp && AskedPort <= LastWellKnownPort;

    /// <summary>
    /// Changes what is known about a flow, whoever else does at the same time; not about another flow that has its slot by now.
    /// </summary>
    /// <param name="version">The slot's version when it was the flow's.</param>
    public static bool TryChange(ref Flow flow, uint version, FlowState add, FlowState remove = FlowState.None)
    {
        // The version is the low half: all processors that this runs on are little-endian.
        ref var word = ref Unsafe.As<uint, ulong>(ref flow.Version);
        var seen = Volatile.Read(ref word);
        while ((uint)seen == version)
        {
            var changed = seen & ~((ulong)remove << 32) | (ulong)add << 32;
            var before = Interlocked.CompareExchange(ref word, changed, seen);
            if (before == seen)
                return true;
            seen = before;
        }
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong PackAddresses(Ipv4Address inside, Ipv4Address remote) => (ulong)inside.Value << 32 | remote.Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong PackPorts(ushort inside, ushort outside, ushort remote, int policy, int protocol, int alias = 0) =>
        (ulong)inside << 48 | (ulong)outside << 32 | (ulong)remote << 16 | (uint)policy << PolicyShift | (uint)alias << AliasShift
            | (uint)protocol;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PolicyOf(ulong ports) => (ushort)ports >> PolicyShift;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int AliasOf(ulong ports) => (int)(ports >> AliasShift) & OutsideAddresses.MostAliases;
}
