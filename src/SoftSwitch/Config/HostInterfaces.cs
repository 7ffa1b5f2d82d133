using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace SoftSwitch.Config;

/// <summary>The interfaces of this machine, as far as a configuration can be wrong about them before anything is opened.</summary>
public static class HostInterfaces
{
    /// <summary>Whether an interface has an IPv4 address; null: there is no such interface, or the machine doesn't say.</summary>
    public static bool? HaveIpv4(string name)
    {
        try
        {
            var found = NetworkInterface.GetAllNetworkInterfaces().FirstOrDefault(one => one.Name == name);
            return found?.GetIPProperties().UnicastAddresses.Any(one => one.Address.AddressFamily == AddressFamily.InterNetwork);
        }
        catch (NetworkInformationException)
        {
            return null;
        }
    }
}
