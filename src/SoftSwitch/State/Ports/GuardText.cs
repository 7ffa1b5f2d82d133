using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Ports;

/// <summary>The words for what somebody behind a guarded port has tried to be.</summary>
internal static class GuardText
{
    /// <summary>A port may have thousands.</summary>
    private const int MostNamed = 4;

    public static string Of(GuardNews news) => news.What switch
    {
        GuardedThing.Station => $"speaks as {news.Station}, and its guard lets it be {news.By.Guard?.Mac} alone: nobody hears it "
            + "(guard-mac). Somebody there pretends to be another, or the guest was started with another MAC address than attach prints. "
            + "guard: ip lets it have any",
        GuardedThing.Address => $"speaks as {news.Address}, {NotGiven(news)}",
        GuardedThing.AddressIpv6 => $"speaks as {news.Address}, and its guard lets it have an IPv6 address of the link (fe80::) that "
            + "nobody else has, and no other: nobody hears it (guard-ip). guard: mac lets it have any",
        GuardedThing.AddressServer => "answers as a server of DHCP, which its guard lets nobody be there: nobody hears it (guard-server)",
        GuardedThing.Router => "advertises itself as a router, or leads others elsewhere, which its guard lets nobody do there: nobody "
            + "hears it (guard-server)",
        GuardedThing.Vlan => "sends in a VLAN, where its guard can't tell addresses: nobody hears that (guard-ip). guard: mac lets it",
        _ => "sends what is neither ARP nor IP, where its guard can't tell addresses: nobody hears that (guard-ip). "
            + "guard: mac lets it",
    };

    private static string NotGiven(GuardNews news) => (news.By.Guard?.Addresses ?? []) is { Count: > 0 } own
        ? $"and its guard lets it be {Some(own)} alone: nobody hears it (guard-ip). Somebody there pretends to be another, or has an "
            + "address that nobody gave it. guard: mac lets it have any"
        : "and it has no address by the file or by DHCP now: nobody hears it (guard-ip). Let it ask by DHCP, or give the port an address";

    private static string Some(IReadOnlyList<Ipv4Address> addresses) => string.Join(", ", addresses.Take(MostNamed))
        + (addresses.Count > MostNamed ? $" or one of {addresses.Count - MostNamed} others" : "");
}
