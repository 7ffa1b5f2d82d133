using System.Buffers.Binary;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Services;

/// <summary>
/// The services of a station, by protocol and port: a handful, looked through one after the other, and only for packets to the station
/// itself and to everybody. Immutable; the control plane replaces it whole.
/// </summary>
public sealed class ServiceTable(params ServiceRow[] rows)
{
    /// <summary>Bytes that a port is found by: source and destination, first in UDP and in TCP.</summary>
    private const int PortBytes = 4;

    /// <summary>
    /// Hands a packet to the service at its port. One in fragments isn't put together: the first is dropped, and its sender isn't told that
    /// there is no service.
    /// </summary>
    /// <param name="isForAll">It was sent to everybody, and others get it too.</param>
    /// <param name="drop">Why it goes no further; none: it was taken.</param>
    /// <returns>False: there is no service for it.</returns>
    internal bool TryTake(Turn turn, InnerPort station, in Frame frame, in Ipv4Layout packet, bool isForAll, out DropReason drop)
    {
        drop = DropReason.None;
        var transport = frame.HeadBytes[packet.TransportOffset..];
        // What the Ethernet frame has behind the packet is not the packet's.
        if (packet.FragmentOffset != 0 || int.Min(transport.Length, packet.PayloadLength) < PortBytes)
            return false;
        var port = BinaryPrimitives.ReadUInt16BigEndian(transport[UdpHeader.DestinationPortOffset..]);
        foreach (var row in rows)
        {
            if (row.Port != port || row.Protocol != packet.Protocol)
                continue;
            drop = !row.Allows(turn.Input, turn.Now) ? DropReason.ServiceFlood
                : packet.IsFragment ? DropReason.NotRouted
                : !Request.TryRead(turn, station, frame, packet, isForAll, out var request) ? DropReason.PacketMalformed
                : row.Service.Take(request);
            return true;
        }
        return false;
    }

    internal void Tick(Turn turn, InnerPort station)
    {
        foreach (var row in rows)
            row.Service.Tick(turn, station);
    }

    internal void Resume(Turn turn, InnerPort station)
    {
        foreach (var row in rows)
            row.Service.Resume(turn, station);
    }
}
