using SoftSwitch.Linux.Endpoints.HostStack;
using SoftSwitch.Linux.Endpoints.PacketSockets;
using SoftSwitch.Linux.Endpoints.Tap;
using SoftSwitch.Linux.Filters;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Workers;

namespace SoftSwitch.Linux.Endpoints.HostNeighbor;

/// <summary>
/// The interface between host and switch, in the host's namespace, and our end of it. A tap; where <c>/dev/net/tun</c> can't be opened a
/// veth, whose other end lives in an unnamed namespace that only this process holds. Either goes with the process.
/// </summary>
internal sealed class HelperInterface : IDisposable
{
    private const int Names = 9;
    private const string OurEnd = "switch", TapWord = "tap", SpaceWord = "namespace";

    private readonly NetworkNamespace? _ourSpace;

    private HelperInterface(string name, int index, DevicePort end, NetworkNamespace? ourSpace)
    {
        (Name, Index, End) = (name, index, end);
        _ourSpace = ourSpace;
    }

    internal string Name { get; }

    internal int Index { get; }

    /// <summary>Our end: frames that leave by the interface come out there.</summary>
    internal DevicePort End { get; }

    /// <summary>Makes the interface, down, with the NIC's MAC and MTU and without an IPv6 address.</summary>
    /// <param name="links">The host's interfaces.</param>
    /// <param name="wanted">Its name; where that is taken, the next.</param>
    /// <param name="nic">The host's NIC.</param>
    internal static HelperInterface Open(Links links, string wanted, LinkInfo nic)
    {
        for (var number = 1; ; number++)
        {
            var name = number == 1 ? wanted : $"{wanted[..int.Min(wanted.Length, InterfaceName.MaxLength - 2)]}-{number}";
            if (links.Find(name) is not null && number < Names)
                continue;
            var helper = OpenTap(links, name, nic) ?? OpenVeth(links, name, nic);
            try
            {
                links.DisableAddressGeneration(helper.Index);
                new InterfaceSettings().TurnOff(name);
                links.SetMac(helper.Index, nic.MacAddress);
                links.SetMtu(helper.Index, nic.Mtu);
                return helper;
            }
            catch
            {
                helper.Dispose();
                throw;
            }
        }
    }

    /// <summary>Goes on with one that the program before this one has made in this process; null: it has left none.</summary>
    /// <param name="links">The host's interfaces.</param>
    /// <param name="from">What it has left.</param>
    /// <param name="key">As it was left.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="index">Its number.</param>
    /// <param name="mtu">The NIC's.</param>
    internal static HelperInterface? Take(Links links, Inheritance from, string key, string name, int index, int mtu)
    {
        if (from.Take($"{key} {TapWord}") is { } tap)
        {
            var port = new TapPort(name, mtu, 1, TapDevice.Inherit(tap, name));
            port.Inherit(from, $"{key} {TapWord}");
            return new(name, index, port, null);
        }
        if (from.Take($"{key} {SpaceWord}") is not { } space)
            return null;
        var ourSpace = NetworkNamespace.Inherit(space);
        try
        {
            using var ours = new Links(ourSpace);
            var options = new PacketSocketOptions
            {
                Promiscuous = true, Inside = ourSpace, Inherited = InheritedSocket.Take(from, $"{key} {OurEnd}"),
            };
            return new(name, index, PacketPort.Open(name, mtu, 1, name, ours.Require(OurEnd).Index, options), ourSpace);
        }
        catch
        {
            ourSpace.Dispose();
            throw;
        }
    }

    /// <summary>Leaves it to the program that goes on in this process.</summary>
    internal void Leave(Inheritance heir, string key)
    {
        (End as TapPort)?.Leave(heir, $"{key} {TapWord}");
        (End as PacketPort)?.Leave(heir, $"{key} {OurEnd}");
        if (_ourSpace is not null)
            heir.Leave($"{key} {SpaceWord}", _ourSpace.Handle);
    }

    public void Dispose()
    {
        End.Dispose();
        if (_ourSpace is null)
            return;
        try
        {
            // It goes with the namespace; deleting it makes that certain when a socket in there is still on its way out.
            using var links = new Links(_ourSpace);
            if (links.Find(OurEnd) is { } end)
                links.Delete(end.Index);
        }
        catch (SystemCallException)
        {
            // Gone already.
        }
        _ourSpace.Dispose();
    }

    /// <summary>Null: the device can't be opened.</summary>
    private static HelperInterface? OpenTap(Links links, string name, LinkInfo nic)
    {
        TapDevice device;
        try
        {
            device = TapDevice.Open(name);
        }
        catch (SystemCallException e) when (e.Call == "open")
        {
            return null;
        }
        return new(name, IndexOf(links, name, device), new TapPort(name, nic.Mtu, 1, device), null);
    }

    private static int IndexOf(Links links, string name, IDisposable made)
    {
        if (links.Find(name) is { } link)
            return link.Index;
        made.Dispose();
        throw new SystemCallException("RTM_GETLINK", Errno.ENODEV, name);
    }

    private static HelperInterface OpenVeth(Links links, string name, LinkInfo nic)
    {
        using var host = NetworkNamespace.Current();
        var ourSpace = NetworkNamespace.CreateUnnamed();
        try
        {
            using var ours = new Links(ourSpace);
            var end = ours.CreateVethPair(OurEnd, null, name, null, host);
            Seal.Apply(ours, end.Index);
            ours.SetMtu(end.Index, nic.Mtu);
            var options = new PacketSocketOptions { Promiscuous = true, Inside = ourSpace };
            var port = PacketPort.Open(name, nic.Mtu, 1, name, end.Index, options);
            ours.SetUp(end.Index);
            return new(name, IndexOf(links, name, port), port, ourSpace);
        }
        catch
        {
            ourSpace.Dispose();
            throw;
        }
    }
}
