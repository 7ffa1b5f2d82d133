using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <content>What is counted and noted of a flow that begins or ends, under the lock.</content>
public sealed unsafe partial class Napt
{
    /// <summary>What translating does to the checksums of a flow's packets.</summary>
    private void SetDeltas(ref Flow content)
    {
        content.AddressDelta = ChecksumDelta.Of(content.InsideAddress, AddressOf(content));
        var portDelta = ChecksumDelta.Of(content.InsidePort, content.OutsidePort);
        content.TransportDelta = content.Protocol == NatProtocol.Icmp ? portDelta : content.AddressDelta + portDelta;
    }

    private void CountConnection(PolicySlot slot, in Flow flow, int change)
    {
        if (flow.Protocol != NatProtocol.Tcp)
            return;
        slot.Connections += change;
        _connections += change;
    }

    private void CountPeer(in Flow flow, int change)
    {
        var key = PeerKey(flow.Protocol, flow.OutsidePort, flow.RemoteAddress);
        var count = (int)_peers![key] + change;
        if (count == 0)
            _peers.Remove(key);
        else
            _peers.Set(key, (ulong)count);
    }

    private void Log(PolicySlot slot, in Flow flow, int number, Instant now, bool began)
    {
        if (!slot.Policy.LogsFlows || _log is not { } log)
            return;
        var owner = _owners.At(number);
        log.Write(new(now, began, new(owner->Key), NatProtocol.ToIp(flow.Protocol), flow.InsideAddress, flow.InsidePort,
            AddressOf(flow), flow.OutsidePort, flow.RemoteAddress, flow.RemotePort), ref owner->Logged);
    }

    private static NaptOwner OwnerOf(in Mapping mapping) => NaptOwner.Of(mapping.Policy, mapping.Owner, mapping.Address);

    private static ulong PeerKey(int protocol, ushort port, Ipv4Address remote) => (ulong)protocol << 48 | (ulong)port << 32 | remote.Value;
}
