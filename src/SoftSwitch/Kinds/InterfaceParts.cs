using SoftSwitch.Linux;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Kinds;

/// <summary>What kinds with an interface hand on from their models.</summary>
internal static class InterfaceParts
{
    public static InterfaceOptions Options(this InterfaceModel port) => new(port.Name, port.Interface, port.Mtu, port.GuestMac);

    public static (Ipv4Address, int)? AddressAndPrefix(this InterfaceModel port) =>
        port.Address is { } own ? (own.Address, own.PrefixLength) : null;

    /// <summary>What is named may come to be later. A process that is there is looked up now, and its namespace is the one that is
    /// opened.</summary>
    public static Func<NetworkNamespace> OpenNetns(this InterfaceModel port) => port.Netns switch
    {
        null => NetworkNamespace.Current,
        var netns => new NamedNamespace(netns).Open,
    };

    /// <summary>The capabilities for an interface that may be in a namespace.</summary>
    public static IEnumerable<Capability> NetnsCapabilities(this InterfaceModel port)
    {
        yield return Capability.NetAdmin;
        yield return Capability.NetRaw;
        if (port.Netns is not { } netns)
            yield break;
        yield return Capability.SysAdmin;
        if (NamedNamespace.IsOfProcess(netns))
            yield return Capability.SysPtrace;
    }
}
