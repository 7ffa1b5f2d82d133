using System.Buffers.Binary;
using System.Numerics;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>
/// An answer of a server outside to a client that is ours, read from a frame. It was written by a stranger: only what answers our question
/// gets here, and of what it lends only what a station can live with (RFC 1122, 3.2.1.3).
/// </summary>
internal readonly ref struct LeaseAnswer
{
    /// <summary>A lease that is shorter keeps a network and its server busy with nothing else.</summary>
    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(10);

    /// <summary>Of subnets that a LAN has: no class of addresses is wider (RFC 791), and none that is narrower has room for two.</summary>
    private const int WidestPrefix = 8, NarrowestPrefix = 30;

    /// <summary>The lease time of one that lasts for ever (RFC 2131, 3.3).</summary>
    private const uint ForEver = uint.MaxValue;

    /// <summary>T1 and T2, where the server doesn't say them: these parts of the lease (RFC 2131, 4.4.5).</summary>
    private const double RenewPart = 0.5, RebindPart = 0.875;

    private readonly DhcpMessage _message;
    private readonly MacAddress _from;

    private LeaseAnswer(DhcpMessage message, MacAddress from, Ipv4Address server)
    {
        _message = message;
        _from = from;
        Server = server;
    }

    public DhcpMessageType Type => _message.Type;

    /// <summary>Who answers (server identifier).</summary>
    public Ipv4Address Server { get; }

    public Ipv4Address Address => _message.YourAddress;

    /// <summary>Reads a frame; false for all but a whole datagram from a server to the client with this question.</summary>
    /// <param name="isSummed">Its checksum is complete.</param>
    /// <param name="mac">The client's.</param>
    /// <param name="transaction">The question's number.</param>
    public static bool TryRead(ReadOnlySpan<byte> frame, bool isSummed, MacAddress mac, uint transaction, out LeaseAnswer answer)
    {
        answer = default;
        if (frame.Length < EthernetHeader.Size || EthernetHeader.PacketOffset(frame, out var type) != EthernetHeader.Size
            || type != EtherType.Ipv4
            || !Ipv4Layout.TryRead(frame, EthernetHeader.Size, frame.Length, out var packet)
            || packet is not { Protocol: IpProtocol.Udp, IsFragment: false } || packet.NetworkOffset + packet.TotalLength > frame.Length
            || !UdpFrame.TryRead(frame, packet, isSummed, out var udp)
            || BinaryPrimitives.ReadUInt16BigEndian(udp[UdpHeader.SourcePortOffset..]) != DhcpHeader.ServerPort
            || BinaryPrimitives.ReadUInt16BigEndian(udp[UdpHeader.DestinationPortOffset..]) != DhcpHeader.ClientPort
            || !DhcpMessage.TryRead(udp[UdpHeader.Size..], out var message)
            || message.Operation != DhcpHeader.Reply || message.Transaction != transaction || message.HardwareAddress != mac
            || !message.TryGetAddress(DhcpOption.ServerIdentifier, out var server) || !server.IsUnicast)
            return false;
        answer = new(message, MacAddress.Read(frame[MacAddress.Size..]), server);
        return true;
    }

    /// <summary>What it lends.</summary>
    /// <param name="since">When it was asked for.</param>
    /// <param name="refusal">Why a station can't live with it; null: it can.</param>
    public HeldLease? Lend(Instant since, out string? refusal)
    {
        refusal = null;
        if (!Address.IsUnicast || Address.IsLinkLocal)
            refusal = $"{Address} is no address that a station has";
        else if (!_message.TryGetAddress(DhcpOption.SubnetMask, out var mask))
            refusal = $"it says no subnet mask for {Address}";
        else if (BitOperations.LeadingZeroCount(~mask.Value) is var prefix && new Ipv4Subnet(default, prefix).Mask != mask)
            refusal = $"{mask} is no subnet mask";
        else if (prefix < WidestPrefix)
            refusal = $"the subnet of {Address}/{prefix} is wider than any LAN";
        else if (prefix > NarrowestPrefix)
            refusal = $"the subnet of {Address}/{prefix} has no room for a router and a station";
        else if (!IsStation(Address, prefix))
            refusal = $"{Address} is the network's own or the broadcast address of {Ipv4Subnet.Containing(Address, prefix)}";
        else if (RefusalOf(Router, prefix) is { } ofRouter)
            refusal = ofRouter;
        else if (!_message.TryGetUInt32(DhcpOption.LeaseTime, out var seconds) || TimeSpan.FromSeconds(seconds) < s_shortest)
            refusal = $"{Address} is lent for {seconds} s, less than {s_shortest.TotalSeconds:0} s";
        else
            return Lend(since, prefix, seconds);
        return null;
    }

    /// <summary>The first of the routers; null: none is named.</summary>
    private Ipv4Address? Router => _message.TryGet(DhcpOption.Router, stackalloc byte[byte.MaxValue], out var routers)
        && routers.Length >= Ipv4Address.Size ? Ipv4Address.Read(routers) : null;

    private string? RefusalOf(Ipv4Address? router, int prefix)
    {
        var subnet = Ipv4Subnet.Containing(Address, prefix);
        return router is not { } named ? null
            : !subnet.Contains(named) ? $"the router {named} is outside {subnet}, the subnet of {Address}"
            : named == Address ? $"the router {named} is the address that is lent"
            : IsStation(named, prefix) ? null : $"the router {named} is the network's own or the broadcast address of {subnet}";
    }

    private HeldLease Lend(Instant since, int prefix, uint seconds)
    {
        if (seconds == ForEver)
            return new(Address, prefix, Router, Server, _from, TimeSpan.MaxValue, HeldLease.Never, HeldLease.Never, HeldLease.Never);
        var rebind = _message.TryGetUInt32(DhcpOption.RebindingTime, out var t2) && t2 > 0 && t2 < seconds ? t2 : seconds * RebindPart;
        var renew = _message.TryGetUInt32(DhcpOption.RenewalTime, out var t1) && t1 > 0 && t1 < rebind ? t1
            : double.Min(seconds * RenewPart, rebind);
        return new(Address, prefix, Router, Server, _from, TimeSpan.FromSeconds(seconds), since + TimeSpan.FromSeconds(renew),
            since + TimeSpan.FromSeconds(rebind), since + TimeSpan.FromSeconds(seconds));
    }

    private static bool IsStation(Ipv4Address address, int prefix)
    {
        var subnet = Ipv4Subnet.Containing(address, prefix);
        return address != subnet.Address && address != subnet.Broadcast;
    }
}
