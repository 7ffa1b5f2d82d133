using SoftSwitch.Forwarding.Services.Dns;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Names;

/// <summary>A network whose guests are told names.</summary>
/// <param name="Name">Its own.</param>
/// <param name="Server">Who tells them.</param>
/// <param name="Station">Where that is.</param>
/// <param name="Resolvers">Who is asked, in this order; null: the host's own; empty: nobody.</param>
internal sealed record NamedNetwork(string Name, DnsServer Server, Station Station, IReadOnlyList<Ipv4Address?> Resolvers);
