using SoftSwitch.Linux;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;

namespace SoftSwitch.Config.Checks;

/// <summary>The IPv4 addresses of a machine at one moment. A configuration can be wrong about these, which is told before anything is
/// opened. Immutable.</summary>
public sealed class HostAddresses(IReadOnlyList<AddressInfo> addresses)
{
    /// <summary>Reads those of this machine; null where it doesn't say.</summary>
    public static HostAddresses? Read()
    {
        try
        {
            using var links = new Links();
            return Read(links);
        }
        catch (SystemCallException)
        {
            return null;
        }
    }

    /// <summary>Reads those of the namespace that <paramref name="links"/> is of.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    internal static HostAddresses Read(Links links) => new(links.Addresses());

    /// <summary>One of the machine's own.</summary>
    public bool IsOwn(Ipv4Address address) => addresses.Any(own => own.Address == address);
}
