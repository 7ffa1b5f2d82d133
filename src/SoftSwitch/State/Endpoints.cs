using System.Globalization;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Endpoints.Guest;
using SoftSwitch.Linux.Endpoints.Nic;
using SoftSwitch.Linux.Endpoints.Tap;
using SoftSwitch.Linux.Endpoints.Veth;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State;

/// <summary>From a port's model to its other end on this machine: the one place where kinds become classes.</summary>
internal static class Endpoints
{
    /// <summary>Nothing is opened yet.</summary>
    /// <exception cref="ArgumentException">The owner of a guest's tap is no user of this machine.</exception>
    public static Endpoint Of(PortModel model) => model switch
    {
        TapModel tap => new TapEndpoint(Options(tap, tap.Interface), Opener(tap.Netns), Pair(tap.Address)),
        GuestModel guest => new GuestEndpoint(Options(guest, guest.Interface) with { Mac = guest.InterfaceMac }, Owner(guest.Owner)),
        NicModel nic => new NicEndpoint(Options(nic, nic.Interface), nic.IsUplink),
        VethModel veth => new VethEndpoint(Options(veth, veth.Interface), Opener(veth.Netns), Pair(veth.Address)),
        _ => throw new ArgumentException($"kind {model.Kind.Word()} is not available yet"),
    };

    private static InterfaceOptions Options(PortModel model, string interfaceName) =>
        new(model.Name, interfaceName, model.Mtu, model.GuestMac);

    private static (Ipv4Address, int)? Pair(InterfaceAddress? address) => address is { } own ? (own.Address, own.PrefixLength) : null;

    private static Func<NetworkNamespace> Opener(string? netns) => netns is null ? NetworkNamespace.Current : () => NetworkNamespace.Open(netns);

    private static uint? Owner(string? owner)
    {
        if (owner is null)
            return null;
        if (uint.TryParse(owner, NumberStyles.None, CultureInfo.InvariantCulture, out var uid))
            return uid;
        return LocalUser.Find(owner) ?? throw new ArgumentException($"owner {owner}: there is no user of this name; see: getent passwd");
    }
}
