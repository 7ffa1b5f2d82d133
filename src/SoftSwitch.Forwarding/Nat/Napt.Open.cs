using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>Which flows go on, so that somebody is to be told when they end.</summary>
public sealed unsafe partial class Napt
{
    /// <summary>Adds the flows whose inside end would notice that they have ended to a list, of some slots as
    /// <see cref="CopyTo(List{NaptFlow}, int, int, Instant)"/> does: connections of TCP that are open, and of UDP and queries what the
    /// inside end has spoken on and isn't done with.</summary>
    public void CopyOpenTo(List<OpenFlow> open, int first, int count, Instant now)
    {
        var stop = (int)long.Min(first + (long)count, _flows.Touched);
        for (var number = first; number < stop; number++)
        {
            if (!_flows.TryCopy(number, out var flow) || !IsAlive(flow, now.Seconds))
                continue;
            if (IsOpen(flow))
                open.Add(OpenFlowOf(flow));
        }
    }

    private static bool IsOpen(in Flow flow) =>
        flow.Protocol == NatProtocol.Tcp ? TcpTracker.IsOpen(flow.State) : DatagramTracker.IsOpen(flow);

    private OpenFlow OpenFlowOf(in Flow flow) => new(
        flow.Policy, NatProtocol.ToIp(flow.Protocol), flow.InsideAddress, flow.InsidePort, flow.RemoteAddress, flow.RemotePort,
        AddressOf(flow), flow.OutsidePort, (flow.State & (FlowState.FromOutside | FlowState.Answered)) != 0,
        flow.Inside.Acknowledged, flow.Remote.End, flow.Remote.Acknowledged, flow.Inside.End);
}
