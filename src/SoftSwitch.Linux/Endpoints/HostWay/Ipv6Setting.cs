namespace SoftSwitch.Linux.Endpoints.HostWay;

/// <summary>Whether an interface of the calling thread's namespace has IPv6 (<c>disable_ipv6</c>,
/// Documentation/networking/ip-sysctl.rst).</summary>
internal static class Ipv6Setting
{
    /// <summary>The host has ::1.</summary>
    public static bool HasLoopback => Read("lo") == "0";

    /// <summary>Turns it on where it is off, and where that can be done: a container may only read.</summary>
    public static void TurnOn(string interfaceName)
    {
        if (Read(interfaceName) != "1")
            return;
        try
        {
            File.WriteAllText(Of(interfaceName), "0");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Who needs it is told by the kernel that it isn't there.
        }
    }

    private static string? Read(string interfaceName)
    {
        try
        {
            return File.ReadAllText(Of(interfaceName)).TrimEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Of(string interfaceName) => $"/proc/sys/net/ipv6/conf/{interfaceName}/disable_ipv6";
}
