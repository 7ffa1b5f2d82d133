using System.Security.Cryptography;
using System.Text;
using SoftSwitch.Packets;

namespace SoftSwitch.Persistence;

/// <summary>
/// Makes MAC addresses for stations that the file gives none: from the names in the file and a key that no other switch has (<see
/// cref="SwitchIdentity"/>). They are the
/// same at every start, so that nobody's ARP cache, DHCP lease or firewall is wrong after a restart, and different from those of every
/// other switch with the
/// same file, so that two of them can be on one LAN. Locally administered and unicast, of the quadrant for local use (IEEE 802c, AAI:
/// x2-…); 44 bits are the hash's.
/// </summary>
/// <param name="key">Any number of bytes.</param>
internal sealed class StationMacs(byte[] key)
{
    /// <summary>Makes them from the names alone: for a lab, where nobody else is.</summary>
    public static StationMacs OfNames { get; } = new([]);

    /// <summary>The gateway in a nat network.</summary>
    public MacAddress Gateway(string network) => Of("gateway", network);

    /// <summary>Who serves the guests of a network that has no gateway of ours.</summary>
    public MacAddress Server(string network) => Of("server", network);

    /// <summary>The host's interface in a host-only network.</summary>
    public MacAddress HostInterface(string network) => Of("host", network);

    /// <summary>The holder of an outside address of its own: the same whatever networks are behind it, and in whichever order. Of one that
    /// is leased, the same whatever address that is: by it the server knows who comes back.</summary>
    /// <param name="lessee">The network that has leased it; null: it stands in the file.</param>
    public MacAddress Outside(string? lessee, Ipv4Address address) =>
        lessee is null ? Of("outside", address.ToString()) : Of("outside by dhcp", lessee);

    /// <summary>Our end of the way between host and translation.</summary>
    public MacAddress HostWay(string network) => Of("host way", network);

    /// <summary>The host's end of that way.</summary>
    public MacAddress HostWayTap(string network) => Of("host way's tap", network);

    /// <summary>Our end of a way out that carries bare IP.</summary>
    public MacAddress BareWay(string port) => Of("bare way", port);

    /// <summary>Everybody's behind it.</summary>
    public MacAddress BareWayPeer(string port) => Of("bare way's peer", port);

    /// <summary>Who asks the stations of a network whether they are where they were.</summary>
    public MacAddress Asker(string network) => Of("asker", network);

    /// <summary>The guest at a port.</summary>
    public MacAddress Port(string network, string port) => Of("port", network, port);

    /// <summary>A guest's tap on the host, which nobody speaks with.</summary>
    public MacAddress GuestTap(string network, string port) => Of("guest's tap", network, port);

    private MacAddress Of(params ReadOnlySpan<string> words)
    {
        // No name has a line break in it.
        var hash = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(string.Join('\n', words)));
        hash[0] = (byte)((hash[0] & 0xF0) | 0x02);
        return MacAddress.Read(hash);
    }
}
