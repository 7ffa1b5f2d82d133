using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>One of the two ends of a flow, and what makes it believe that the flow has ended.</summary>
/// <param name="Protocol">TCP, UDP or ICMP, as IPv4 numbers them (<see cref="IpProtocol"/>).</param>
/// <param name="To">Its address.</param>
/// <param name="ToPort">Its port; of a query, the identifier.</param>
/// <param name="From">The address that it takes for the other end's.</param>
/// <param name="FromPort">The port there.</param>
/// <param name="Expected">Of TCP: the sequence number that it has said it expects next.</param>
/// <param name="Sent">Of TCP: the one behind all that was sent to it.</param>
/// <param name="Acknowledged">Of TCP: what the other end expects of it next.</param>
/// <param name="Reporter">Who says an error.</param>
/// <param name="Error">The error that is said where there are no resets.</param>
internal readonly record struct ToldEnd(
    byte Protocol, Ipv4Address To, ushort ToPort, Ipv4Address From, ushort FromPort, uint Expected, uint Sent, uint Acknowledged,
    Ipv4Address Reporter, Refusal Error)
{
    /// <summary>The guest.</summary>
    /// <param name="gateway">The address of the gateway, which says errors.</param>
    public static ToldEnd Inside(in OpenFlow flow, Ipv4Address gateway) => new(
        flow.Protocol, flow.Inside, flow.InsidePort, flow.Remote, flow.RemotePort, flow.Expected, flow.Sent, flow.Acknowledged, gateway,
        Refusal.FlowEnded);

    /// <summary>Whoever it speaks with, who knows the outside address and port alone: as far as he knows, they are shut now.</summary>
    public static ToldEnd Outside(in OpenFlow flow) => new(
        flow.Protocol, flow.Remote, flow.RemotePort, flow.Outside, flow.OutsidePort, flow.Acknowledged, flow.InsideSent, flow.Expected,
        flow.Outside, Refusal.NoPort);
}
