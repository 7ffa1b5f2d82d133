using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>A guest that asks, and how it is answered.</summary>
/// <param name="Input">The port that it asks by, and is answered by.</param>
/// <param name="Mac">Its own.</param>
/// <param name="From">Where the answer goes to.</param>
/// <param name="Connection">Of TCP; null: by a datagram.</param>
internal readonly record struct DnsCaller(
    Membership Input, MacAddress Mac, (Ipv4Address Address, ushort Port) From, DnsConnection? Connection = null);
