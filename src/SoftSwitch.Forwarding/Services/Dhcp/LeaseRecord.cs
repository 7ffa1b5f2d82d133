using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>A lease as it was at a moment.</summary>
/// <param name="Address">What is lent.</param>
/// <param name="Port">The name of the port that it is lent behind.</param>
/// <param name="Client">To whom.</param>
/// <param name="Mac">The client's address when it asked last.</param>
/// <param name="State">What has become of it.</param>
/// <param name="Until">When that ends; of a kept one, when it ended.</param>
/// <param name="HostName">What the client calls itself, in small letters; null: nothing.</param>
public sealed record LeaseRecord(
    Ipv4Address Address, string Port, DhcpClient Client, MacAddress Mac, LeaseState State, Instant Until, string? HostName = null);
