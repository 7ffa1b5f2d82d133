using System.Net;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>A station's address in the prefixes that all stations share, one for each broadcast domain that it is on.</summary>
/// <param name="Domain">The name of the network, or of the wire outside.</param>
/// <param name="Ipv4">In the lab's /16; the third octet tells the domain.</param>
/// <param name="Ipv6">In fd00::/64; the group before the last tells the domain.</param>
internal sealed record LabAddress(string Domain, Ipv4Address Ipv4, IPAddress Ipv6)
{
    public IPAddress Of(bool isIpv6) => isIpv6 ? Ipv6 : Ipv4.ToIPAddress();
}
