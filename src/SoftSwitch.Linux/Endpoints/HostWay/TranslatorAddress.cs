using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.HostWay;

/// <summary>
/// Chooses the IPv4 address of who speaks IPv6 and is translated: one of 192.0.0.0/29, which are for that and never leave a site (RFC
/// 7335). A guest answers it by its default route, as any other; a link-local one it would look for on its own link. The lowest two are
/// what such programs have that translate on a guest or on the host itself.
/// </summary>
internal static class TranslatorAddress
{
    private const uint First = 0xC000_0003, Last = 0xC000_0006;

    /// <summary>The highest that the host doesn't have; null: it has all.</summary>
    internal static Ipv4Address? Free(HostIpv4 host)
    {
        for (var address = Last; address >= First; address--)
        {
            if (!host.IsOwn(new(address)))
                return new(address);
        }
        return null;
    }
}
