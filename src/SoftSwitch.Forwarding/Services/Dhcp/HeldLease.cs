using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>What a server outside has lent us: an address, what is around it, and for how long (RFC 2131, 4.4.1).</summary>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">Of its subnet, 8 to 30.</param>
/// <param name="Router">In that subnet; null: none was named, and only the subnet is reached.</param>
/// <param name="Server">Who has lent it.</param>
/// <param name="ServerMac">Who has brought the server's answer: itself, or the router on the way to it.</param>
/// <param name="Length">For how long, from when it was asked for.</param>
/// <param name="Renew">When the server is asked for more time (T1).</param>
/// <param name="Rebind">When everybody is (T2).</param>
/// <param name="Until">When it ends; <see cref="Never"/> of one that lasts for ever.</param>
public sealed record HeldLease(
    Ipv4Address Address, int PrefixLength, Ipv4Address? Router, Ipv4Address Server, MacAddress ServerMac, TimeSpan Length,
    Instant Renew, Instant Rebind, Instant Until)
{
    /// <summary>No moment.</summary>
    public static Instant Never { get; } = new(long.MaxValue);

    public Ipv4Subnet Subnet => Ipv4Subnet.Containing(Address, PrefixLength);
}
