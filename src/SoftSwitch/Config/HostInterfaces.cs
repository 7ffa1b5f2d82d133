using SoftSwitch.Linux;
using SoftSwitch.Linux.Netlink;

namespace SoftSwitch.Config;

/// <summary>The interfaces of this machine, as far as a configuration can be wrong about them before anything is opened.</summary>
public static class HostInterfaces
{
    /// <summary>Whether an interface has an IPv4 address that strangers can answer to; null: there is no such interface, or the machine doesn't say.</summary>
    public static bool? HaveIpv4(string name)
    {
        try
        {
            using var links = new Links();
            return HaveIpv4(name, links);
        }
        catch (SystemCallException)
        {
            return null;
        }
    }

    /// <summary>The same in the namespace that <paramref name="links"/> is of.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    internal static bool? HaveIpv4(string name, Links links) =>
        links.Find(name) is { } link ? links.Addresses().Any(address => address.Interface == link.Index && address.IsGlobal) : null;
}
