using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>What a client says, and how it came.</summary>
internal readonly ref struct DhcpQuestion
{
    /// <summary>A client that asks for less would come back all the time.</summary>
    private const uint ShortestTime = 60;

    public DhcpQuestion(Request request, DhcpMessage message, ReadOnlySpan<byte> client)
    {
        Request = request;
        Message = message;
        Client = client;
    }

    public Request Request { get; }

    public DhcpMessage Message { get; }

    /// <summary>Who it is (<see cref="DhcpClient"/>).</summary>
    public ReadOnlySpan<byte> Client { get; }

    /// <summary>The station that asks: its own frame says so, which its port's guard has looked at. What a message says of itself is
    /// believed only where a relay has brought it.</summary>
    public MacAddress Station => IsRelayed ? Message.HardwareAddress : Request.Sender;

    /// <summary>A relay has brought it: who asks isn't certain.</summary>
    public bool IsRelayed => Message.Relay.Value != 0;

    /// <summary>The address that a request is about: an offered one or one that it had; else the one that it has (RFC 2131,
    /// 4.3.2).</summary>
    public Ipv4Address Wanted =>
        Message.TryGetAddress(DhcpOption.RequestedAddress, out var requested) ? requested : Message.ClientAddress;

    /// <summary>What the client calls itself; empty: it doesn't say.</summary>
    /// <param name="room">For an option.</param>
    public ReadOnlySpan<byte> HostName(Span<byte> room)
    {
        if (Message.TryGet(DhcpOption.HostName, room, out var name))
            return name;
        if (!Message.TryGet(DhcpOption.FullName, room, out name) || name.Length <= DhcpOption.BeforeFullName)
            return default;
        var isEncoded = (name[0] & DhcpOption.FullNameIsEncoded) != 0;
        name = name[DhcpOption.BeforeFullName..];
        return !isEncoded ? name : name[0] < name.Length ? name.Slice(1, name[0]) : default;
    }

    /// <summary>For how long it gets an address.</summary>
    public TimeSpan Time(DhcpScope scope)
    {
        if (!Message.TryGetUInt32(DhcpOption.LeaseTime, out var wished))
            return scope.LeaseTime;
        return TimeSpan.FromSeconds(uint.Clamp(wished, ShortestTime, uint.Max(ShortestTime, (uint)scope.LeaseTime.TotalSeconds)));
    }
}
