namespace SoftSwitch.Forwarding.Nat;

/// <summary>A network's policy in numbers, and how many flows it has.</summary>
internal sealed class PolicyState(NaptPolicy policy)
{
    /// <summary>
    /// Seconds for what is finished: as long as a last retransmission may take, and no longer (the kernel's conntrack: 10). The shortest timeout.
    /// </summary>
    public const uint FinishedTimeout = 10;

    /// <summary>
    /// Seconds for what an outsider began and nobody inside answered, or an inside host did and the outsider has not acknowledged: longer than the
    /// pause before a SYN's fifth retransmission, so that who is merely slow finds his flow.
    /// </summary>
    public const uint FromOutsideTimeout = 20;

    public readonly NaptPolicy Policy = policy;
    public readonly NaptFiltering Filtering = policy.Filtering;
    public readonly uint UdpTimeout = (uint)policy.UdpTimeout.TotalSeconds;
    public readonly uint TcpEstablishedTimeout = (uint)policy.TcpEstablishedTimeout.TotalSeconds;
    public readonly uint TcpTransitoryTimeout = (uint)policy.TcpTransitoryTimeout.TotalSeconds;
    public readonly uint IcmpQueryTimeout = (uint)policy.IcmpQueryTimeout.TotalSeconds;

    /// <summary>Changed under the Napt's lock.</summary>
    public int Flows;

    /// <summary>Of these, TCP's.</summary>
    public int Connections;

    /// <summary>Its owner with the most, as far as was seen.</summary>
    public int Heaviest;

    /// <summary>Seconds without a packet after which a flow has ended.</summary>
    public uint TimeoutOf(in Flow flow)
    {
        switch (flow.Protocol)
        {
            case NatProtocol.Tcp:
                if (TcpTracker.IsEstablished(flow.State))
                    return TcpEstablishedTimeout; // RFC 5382, REQ-5
                if ((flow.State & FlowState.Closed) != 0)
                    return FinishedTimeout;
                return (flow.State & (FlowState.FromOutside | FlowState.Fins | FlowState.Rsts)) == FlowState.FromOutside
                    || (flow.State & FlowState.Connection) == FlowState.RemoteSyn
                    ? FromOutsideTimeout
                    : TcpTransitoryTimeout;
            case NatProtocol.Udp:
                if ((flow.State & (FlowState.FromOutside | FlowState.Answered)) == FlowState.FromOutside)
                    return FromOutsideTimeout;
                return flow.IsAnsweredQuestion ? FinishedTimeout : UdpTimeout; // RFC 4787, REQ-5 and REQ-5a
            default:
                return IcmpQueryTimeout; // RFC 5508, REQ-2
        }
    }
}
