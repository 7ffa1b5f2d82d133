namespace SoftSwitch.Forwarding.Bridging;

/// <summary>What somebody behind a guarded port has tried to be, or to say.</summary>
public enum GuardedThing
{
    None,

    /// <summary>A station with another MAC address.</summary>
    Station,

    /// <summary>Somebody with an IPv4 address that isn't the port's.</summary>
    Address,

    /// <summary>The same with an IPv6 address.</summary>
    AddressIpv6,

    /// <summary>A server of DHCP.</summary>
    AddressServer,

    /// <summary>A router that advertises itself, or leads others elsewhere.</summary>
    Router,

    /// <summary>Somebody in a VLAN, which has addresses of its own.</summary>
    Vlan,

    /// <summary>Somebody who speaks neither ARP nor IP.</summary>
    Other,
}
