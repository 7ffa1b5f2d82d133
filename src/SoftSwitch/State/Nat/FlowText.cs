using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>The words of the API for what a flow is.</summary>
internal static class FlowText
{
    public static string Protocol(byte protocol) => protocol switch
    {
        IpProtocol.Tcp => "tcp",
        IpProtocol.Udp => "udp",
        _ => "icmp",
    };
}
