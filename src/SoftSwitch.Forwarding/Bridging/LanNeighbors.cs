using System.Collections.Frozen;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// Stations of the LAN as the host knows them. What they say to the host alone is the host's and never comes in by the uplink, so the
/// bridge may not have heard of a router with which the host speaks all day: without this the first guest that sends with its address would
/// be believed. Immutable.
/// </summary>
/// <param name="uplink">The port behind which they are.</param>
/// <param name="addresses">Each with an IPv4 address by which it can be asked; 0: none is known.</param>
public sealed class LanNeighbors(Membership uplink, FrozenDictionary<MacAddress, Ipv4Address> addresses)
{
    public Membership Uplink => uplink;

    public FrozenDictionary<MacAddress, Ipv4Address> Addresses => addresses;

    /// <summary>Who has which address: one station may have several.</summary>
    public FrozenDictionary<SaidAddress, MacAddress> Owners { get; init; } = FrozenDictionary<SaidAddress, MacAddress>.Empty;

    /// <summary>The host's own on that link, which no guest has.</summary>
    public FrozenSet<SaidAddress> Own { get; init; } = [];
}
