namespace SoftSwitch.Forwarding.Nat;

/// <summary>A network's policy in numbers, and how many flows it has.</summary>
internal sealed class PolicyState(NaptPolicy policy)
{
    public readonly NaptPolicy Policy = policy;
    public readonly NaptFiltering Filtering = policy.Filtering;
    public readonly uint UdpTimeout = (uint)policy.UdpTimeout.TotalSeconds;
    public readonly uint TcpEstablishedTimeout = (uint)policy.TcpEstablishedTimeout.TotalSeconds;
    public readonly uint TcpTransitoryTimeout = (uint)policy.TcpTransitoryTimeout.TotalSeconds;
    public readonly uint IcmpQueryTimeout = (uint)policy.IcmpQueryTimeout.TotalSeconds;

    /// <summary>Changed under the Napt's lock.</summary>
    public int Flows;

    /// <summary>Seconds without a packet after which a flow has ended.</summary>
    public uint TimeoutOf(int protocol, FlowState state) => protocol switch
    {
        NatProtocol.Tcp => TcpTracker.IsEstablished(state) ? TcpEstablishedTimeout : TcpTransitoryTimeout, // RFC 5382, REQ-5
        NatProtocol.Udp => UdpTimeout, // RFC 4787, REQ-5
        _ => IcmpQueryTimeout, // RFC 5508, REQ-2
    };
}
