using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>Where a gateway's packets can go. Immutable; the control plane replaces it whole when the host's addresses or routes change.</summary>
/// <param name="Outside">The way to everywhere; null while there is none.</param>
/// <param name="Host">The way to the host itself, where the outside address is the host's too.</param>
/// <param name="HostAddresses">The addresses that lead there.</param>
/// <param name="Inside">The subnets of all networks of this switch, which no way out leads to.</param>
public sealed record WaysOut(Outside? Outside, Outside? Host, IReadOnlyList<Ipv4Address> HostAddresses, IReadOnlyList<Ipv4Subnet> Inside)
{
    public static WaysOut None { get; } = new(null, null, [], []);

    internal bool IsHost(Ipv4Address address) => Host is not null && HostAddresses.Contains(address);

    internal bool IsInside(Ipv4Address address)
    {
        foreach (var subnet in Inside)
        {
            if (subnet.Contains(address))
                return true;
        }
        return false;
    }
}
