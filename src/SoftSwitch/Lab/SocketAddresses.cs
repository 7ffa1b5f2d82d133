using System.Net;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>Addresses as .NET's sockets take them.</summary>
internal static class SocketAddresses
{
    public static IPAddress ToIPAddress(this Ipv4Address address)
    {
        Span<byte> bytes = stackalloc byte[Ipv4Address.Size];
        address.Write(bytes);
        return new(bytes);
    }
}
