using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>Where a gateway's packets can go. Immutable; the control plane replaces it whole when the host's addresses or routes
/// change.</summary>
/// <param name="outside">The way to everywhere; null while there is none.</param>
/// <param name="host">The way to the host itself, where the outside address is the host's too.</param>
/// <param name="hostAddresses">The addresses that lead there.</param>
/// <param name="inside">The subnets of all networks of this switch, which no way out leads to.</param>
public sealed class WaysOut(Outside? outside, Outside? host, Ipv4Address[] hostAddresses, Ipv4Subnet[] inside)
{
    public static WaysOut None { get; } = new(null, null, [], []);

    /// <summary>The way to everywhere; null while there is none.</summary>
    public Outside? Outside => outside;

    /// <summary>The way to the host itself, where the outside address is the host's too.</summary>
    public Outside? Host => host;

    /// <summary>The address is the host's, and there is a way to it.</summary>
    public bool IsHost(Ipv4Address address) => host is not null && hostAddresses.AsSpan().Contains(address);

    /// <summary>The address is in a network of this switch.</summary>
    public bool IsInside(Ipv4Address address)
    {
        foreach (var subnet in inside)
        {
            if (subnet.Contains(address))
                return true;
        }
        return false;
    }
}
