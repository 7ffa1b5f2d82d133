namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// How one network is translated. Immutable: a network that is to be translated otherwise gets another. Timeouts count in whole seconds.
/// </summary>
public sealed record NaptPolicy
{
    /// <summary>
    /// Seconds for what is finished: as long as a last retransmission may take, and no longer (the kernel's conntrack: 10). The shortest
    /// timeout.
    /// </summary>
    internal const uint FinishedTimeout = 10;

    /// <summary>
    /// Seconds for what an outsider began and nobody inside answered, or an inside host did and the outsider has not acknowledged: longer
    /// than the pause before a SYN's fifth retransmission, so that who is merely slow finds his flow.
    /// </summary>
    private const uint FromOutsideTimeout = 20;

    /// <summary>The shortest <see cref="UdpTimeout"/> (RFC 4787, REQ-5).</summary>
    public static readonly TimeSpan MinimumUdpTimeout = TimeSpan.FromSeconds(120);

    /// <summary>The shortest <see cref="TcpEstablishedTimeout"/>: 2 hours and 4 minutes (RFC 5382, REQ-5).</summary>
    public static readonly TimeSpan MinimumTcpEstablishedTimeout = TimeSpan.FromSeconds(7440);

    /// <summary>The shortest <see cref="TcpTransitoryTimeout"/> (RFC 5382, REQ-5).</summary>
    public static readonly TimeSpan MinimumTcpTransitoryTimeout = TimeSpan.FromSeconds(240);

    /// <summary>The shortest <see cref="IcmpQueryTimeout"/> (RFC 5508, REQ-2).</summary>
    public static readonly TimeSpan MinimumIcmpQueryTimeout = TimeSpan.FromSeconds(60);

    /// <summary>First outside port, and ICMP query identifier, that the network uses.</summary>
    public ushort FirstPort { get; init; } = 16_384;

    /// <summary>
    /// Last outside port. Where the range has both kinds, inside ports 0 to 1023 stay there and the others stay above (RFC 4787, REQ-3a).
    /// </summary>
    public ushort LastPort { get; init; } = 29_999;

    public NaptFiltering Filtering { get; init; }

    public TimeSpan UdpTimeout { get; init; } = TimeSpan.FromSeconds(300);

    public TimeSpan TcpEstablishedTimeout { get; init; } = MinimumTcpEstablishedTimeout;

    /// <summary>For connections that are half open or half closed; those that are over, and those that outsiders begin, have
    /// seconds.</summary>
    public TimeSpan TcpTransitoryTimeout { get; init; } = MinimumTcpTransitoryTimeout;

    public TimeSpan IcmpQueryTimeout { get; init; } = MinimumIcmpQueryTimeout;

    /// <summary>
    /// Outside ports of their own that the inside ends of one owner, a port of the network, may have at once, all protocols together (RFC
    /// 6888, REQ-4). Flows beyond it overlap.
    /// </summary>
    public int MappingsPerOwner { get; init; } = 4096;

    /// <summary>Flows that one owner may have at once; those that outsiders began may be half of them.</summary>
    public int FlowsPerOwner { get; init; } = 65_536;

    /// <summary>Flows of the whole network at once.</summary>
    public int Flows { get; init; } = int.MaxValue;

    /// <summary>Flows that begin and end are written to <see cref="NaptOptions.Log"/>.</summary>
    public bool LogsFlows { get; init; }

    /// <summary>Seconds without a packet after which a flow has ended.</summary>
    internal uint TimeoutOf(in Flow flow)
    {
        switch (flow.Protocol)
        {
            case NatProtocol.Tcp:
                if (TcpTracker.IsEstablished(flow.State))
                    return Seconds(TcpEstablishedTimeout); // RFC 5382, REQ-5
                if ((flow.State & FlowState.Closed) != 0)
                    return FinishedTimeout;
                return (flow.State & (FlowState.FromOutside | FlowState.Fins | FlowState.Rsts)) == FlowState.FromOutside
                    || (flow.State & FlowState.Connection) == FlowState.RemoteSyn
                    ? FromOutsideTimeout
                    : Seconds(TcpTransitoryTimeout);
            case NatProtocol.Udp:
                if ((flow.State & (FlowState.FromOutside | FlowState.Answered)) == FlowState.FromOutside)
                    return FromOutsideTimeout;
                return flow.IsAnsweredQuestion ? FinishedTimeout : Seconds(UdpTimeout); // RFC 4787, REQ-5 and REQ-5a
            default:
                return Seconds(IcmpQueryTimeout); // RFC 5508, REQ-2
        }
    }

    /// <summary>An outside port is one of those that the network chooses from.</summary>
    internal bool Covers(ushort port) => port >= FirstPort && port <= LastPort;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(LastPort, FirstPort);
        ArgumentOutOfRangeException.ThrowIfZero(LastPort);
        ArgumentOutOfRangeException.ThrowIfLessThan(UdpTimeout, MinimumUdpTimeout);
        ArgumentOutOfRangeException.ThrowIfLessThan(TcpEstablishedTimeout, MinimumTcpEstablishedTimeout);
        ArgumentOutOfRangeException.ThrowIfLessThan(TcpTransitoryTimeout, MinimumTcpTransitoryTimeout);
        ArgumentOutOfRangeException.ThrowIfLessThan(IcmpQueryTimeout, MinimumIcmpQueryTimeout);
        ArgumentOutOfRangeException.ThrowIfLessThan(MappingsPerOwner, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(FlowsPerOwner, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(Flows, 1);
    }
    private static uint Seconds(TimeSpan timeout) => (uint)timeout.TotalSeconds;
}
