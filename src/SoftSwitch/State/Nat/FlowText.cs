using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;
using SoftSwitch.Text;

namespace SoftSwitch.State.Nat;

/// <summary>The words of the API for what a flow is.</summary>
internal static class FlowText
{
    public static WordList<NaptFlowState> States { get; } = new(
        (NaptFlowState.Active, "active"), (NaptFlowState.Opening, "opening"), (NaptFlowState.Established, "established"),
        (NaptFlowState.Closing, "closing"), (NaptFlowState.Closed, "closed"), (NaptFlowState.Reset, "reset"));

    /// <summary>What is translated.</summary>
    public static IReadOnlyList<string> Protocols { get; } =
        [Protocol(IpProtocol.Tcp), Protocol(IpProtocol.Udp), Protocol(IpProtocol.Icmp)];

    public static string Protocol(byte protocol) => protocol switch
    {
        IpProtocol.Tcp => "tcp",
        IpProtocol.Udp => "udp",
        IpProtocol.Icmp => "icmp",
        _ => throw new ArgumentOutOfRangeException(nameof(protocol), protocol, null),
    };
}
