using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.IfLink;
using static SoftSwitch.Linux.Interop.Netlink;
using static SoftSwitch.Linux.Interop.Rtnetlink;

namespace SoftSwitch.Linux.Netlink;

/// <summary>
/// The interfaces of one network namespace: listed, made, changed, moved (rtnetlink(7)). Addresses and routes are in the other half of
/// this class. Any thread may call; calls go one after another over one socket. Changes need CAP_NET_ADMIN in the namespace.
/// </summary>
/// <remarks>Every call throws <see cref="SystemCallException"/> with the interface and the kernel's reason when it is refused.</remarks>
public sealed partial class Links : IDisposable
{
    private const int RequestSize = 1024;

    private readonly Lock _lock = new();
    private readonly NetlinkSocket _socket;

    /// <param name="inside">The namespace; left out, the calling thread's.</param>
    public Links(NetworkNamespace? inside = null) =>
        _socket = new(inside: inside);

    /// <summary>All interfaces, in the order of their index.</summary>
    public IReadOnlyList<LinkInfo> List()
    {
        var links = new List<LinkInfo>();
        var request = new MessageBuilder(stackalloc byte[RequestSize], RTM_GETLINK, 0);
        request.Append(default(ifinfomsg));
        lock (_lock)
        {
            _socket.Dump(request.Message, "RTM_GETLINK", "interfaces", links.Clear, (type, payload) =>
            {
                if (type == RTM_NEWLINK && LinkMessage.Read(payload) is { } link)
                    links.Add(link);
            });
        }
        links.Sort(static (a, b) => a.Index.CompareTo(b.Index));
        return links;
    }

    /// <summary>The interface of this name; null: there is none.</summary>
    public LinkInfo? Find(string name)
    {
        if (InterfaceName.Mistake(name) is not null)
            return null;
        var request = new MessageBuilder(stackalloc byte[RequestSize], RTM_GETLINK, 0);
        request.Append(default(ifinfomsg));
        request.Put(IFLA_IFNAME, name);
        return Get(request.Message, name);
    }

    /// <summary>The interface of this name, which must be there.</summary>
    public LinkInfo Require(string name) => Find(name) ?? throw new SystemCallException("RTM_GETLINK", Errno.ENODEV, name);

    /// <summary>The interface of this index; null: there is none.</summary>
    /// <param name="index">The interface.</param>
    /// <param name="elsewhere">Where it is, as <see cref="NumberOf"/> says; null: here.</param>
    public LinkInfo? FindByIndex(int index, int? elsewhere = null)
    {
        if (index <= 0)
            return null;
        var request = new MessageBuilder(stackalloc byte[RequestSize], RTM_GETLINK, 0);
        request.Append(new ifinfomsg { ifi_index = index });
        if (elsewhere is { } number)
            request.Put(IFLA_TARGET_NETNSID, (uint)number);
        return Get(request.Message, Named(index));
    }

    /// <summary>
    /// The number by which this namespace knows another that an interface was moved to (RTM_GETNSID). It holds nothing open: it is void
    /// when that namespace has gone.
    /// </summary>
    public int NumberOf(NetworkNamespace other)
    {
        var number = -1;
        var request = new MessageBuilder(stackalloc byte[RequestSize], RTM_GETNSID, 0);
        request.Append(default(rtgenmsg));
        request.Put(NETNSA_FD, (uint)other.Fd);
        lock (_lock)
        {
            _socket.Request(request.Message, "RTM_GETNSID", other.Name, (type, payload) =>
            {
                var attributes = new AttributeReader(payload[int.Min(payload.Length, sizeof(uint))..]);
                while (type == RTM_NEWNSID && attributes.Next())
                {
                    if (attributes.Type == NETNSA_NSID)
                        number = (int)attributes.UInt32;
                }
            });
        }
        return number >= 0 ? number : throw new SystemCallException("RTM_GETNSID", Errno.ENOENT, other.Name);
    }

    /// <summary>
    /// Makes a veth pair: <paramref name="name"/> here, <paramref name="peerName"/> in <paramref name="peerNamespace"/> (here too when
    /// null). Both are down. Whoever deletes one end, or ends the namespace of one, deletes both.
    /// </summary>
    /// <returns>The end that is here.</returns>
    public LinkInfo CreateVethPair(
        string name, MacAddress? mac, string peerName, MacAddress? peerMac, NetworkNamespace? peerNamespace = null)
    {
        InterfaceName.Check(name);
        InterfaceName.Check(peerName);
        var request = new MessageBuilder(stackalloc byte[RequestSize], RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
        request.Append(default(ifinfomsg));
        request.Put(IFLA_IFNAME, name);
        PutMac(ref request, mac);
        var info = request.BeginNest(IFLA_LINKINFO);
        request.Put(IFLA_INFO_KIND, "veth");
        var data = request.BeginNest(IFLA_INFO_DATA);
        var peer = request.BeginNest(VETH_INFO_PEER);
        request.Append(default(ifinfomsg));
        request.Put(IFLA_IFNAME, peerName);
        PutMac(ref request, peerMac);
        if (peerNamespace is not null)
            request.Put(IFLA_NET_NS_FD, (uint)peerNamespace.Fd);
        request.EndNest(peer);
        request.EndNest(data);
        request.EndNest(info);
        var subject = peerNamespace is null ? $"veth {name} and {peerName}" : $"veth {name} and {peerName} in {peerNamespace}";
        Change(request.Message, "RTM_NEWLINK veth", subject);
        return Require(name);
    }

    public void SetUp(int index) => SetFlags(index, If.IFF_UP, "up");

    public void SetDown(int index) => SetFlags(index, 0, "down");

    /// <param name="index">The interface.</param>
    /// <param name="mtu">Bytes after the Ethernet header.</param>
    public void SetMtu(int index, int mtu) => Set(index, IFLA_MTU, BitConverter.GetBytes(mtu), "mtu");

    public void SetMac(int index, MacAddress mac)
    {
        Span<byte> bytes = stackalloc byte[MacAddress.Size];
        mac.Write(bytes);
        Set(index, IFLA_ADDRESS, bytes, "address");
    }

    /// <summary>Writes on the interface what others may read; at most 255 bytes.</summary>
    public void SetAlias(int index, string alias)
    {
        var request = SetLink(stackalloc byte[RequestSize], index);
        request.Put(IFLA_IFALIAS, alias);
        Change(request.Message, "RTM_SETLINK alias", Named(index));
    }

    public void Rename(int index, string name)
    {
        InterfaceName.Check(name);
        var request = SetLink(stackalloc byte[RequestSize], index);
        request.Put(IFLA_IFNAME, name);
        Change(request.Message, "RTM_SETLINK name", $"{Named(index)} to {name}");
    }

    /// <param name="index">The interface.</param>
    /// <param name="master">The bridge it becomes a port of; 0: none.</param>
    public void SetMaster(int index, int master) => Set(index, IFLA_MASTER, BitConverter.GetBytes(master), "master");

    /// <summary>Moves the interface; it arrives down, without addresses, perhaps with another index.</summary>
    public void MoveTo(int index, NetworkNamespace target)
    {
        var request = SetLink(stackalloc byte[RequestSize], index);
        request.Put(IFLA_NET_NS_FD, (uint)target.Fd);
        Change(request.Message, "RTM_SETLINK netns", $"{Named(index)} to {target}");
    }

    /// <summary>
    /// The kernel makes itself no IPv6 address on this interface, and so sends nothing of its own accord when it comes up
    /// (addrgenmode none). Where the kernel has no IPv6 there is nothing to do.
    /// </summary>
    public void DisableAddressGeneration(int index)
    {
        var request = SetLink(stackalloc byte[RequestSize], index);
        var families = request.BeginNest(IFLA_AF_SPEC);
        var inet6 = request.BeginNest(SysSocket.AF_INET6);
        request.Put(IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
        request.EndNest(inet6);
        request.EndNest(families);
        try
        {
            Change(request.Message, "RTM_SETLINK addrgenmode", Named(index));
        }
        catch (SystemCallException e) when (e.ErrorNumber == Errno.EAFNOSUPPORT)
        {
        }
    }

    /// <summary>
    /// Packets to and from 127.0.0.0/8 may come and go by this interface (<c>route_localnet</c>, Documentation/networking/ip-sysctl.rst).
    /// By netlink, for a container may only read /proc/sys. Where it is so already, nothing is said: the kernel tells everybody of each
    /// change of an interface, also of one that changes nothing.
    /// </summary>
    public void RouteLoopback(int index)
    {
        if (FindByIndex(index) is { RoutesLoopback: true })
            return;
        var request = SetLink(stackalloc byte[RequestSize], index);
        var families = request.BeginNest(IFLA_AF_SPEC);
        var inet = request.BeginNest(SysSocket.AF_INET);
        var settings = request.BeginNest(IFLA_INET_CONF);
        request.Put(IPV4_DEVCONF_ROUTE_LOCALNET, 1u);
        request.EndNest(settings);
        request.EndNest(inet);
        request.EndNest(families);
        Change(request.Message, "RTM_SETLINK route_localnet", Named(index));
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Sends a change and waits until it is done.</summary>
    internal void Change(Span<byte> message, string call, string subject)
    {
        lock (_lock)
            _socket.Request(message, call, subject);
    }

    private static string Named(int index) => $"interface {index}";

    private static void PutMac(ref MessageBuilder request, MacAddress? mac)
    {
        if (mac is not { } address)
            return;
        Span<byte> bytes = stackalloc byte[MacAddress.Size];
        address.Write(bytes);
        request.Put(IFLA_ADDRESS, bytes);
    }

    private static MessageBuilder SetLink(Span<byte> buffer, int index)
    {
        var request = new MessageBuilder(buffer, RTM_SETLINK, 0);
        request.Append(new ifinfomsg { ifi_index = index });
        return request;
    }

    private void Set(int index, ushort attribute, ReadOnlySpan<byte> value, string what)
    {
        var request = SetLink(stackalloc byte[RequestSize], index);
        request.Put(attribute, value);
        Change(request.Message, "RTM_SETLINK " + what, Named(index));
    }

    private void SetFlags(int index, uint flags, string what)
    {
        var request = new MessageBuilder(stackalloc byte[RequestSize], RTM_SETLINK, 0);
        request.Append(new ifinfomsg { ifi_index = index, ifi_flags = flags, ifi_change = If.IFF_UP });
        Change(request.Message, "RTM_SETLINK " + what, Named(index));
    }

    private LinkInfo? Get(Span<byte> message, string subject)
    {
        LinkInfo? found = null;
        lock (_lock)
        {
            try
            {
                _socket.Request(message, "RTM_GETLINK", subject, (type, payload) =>
                {
                    if (type == RTM_NEWLINK)
                        found = LinkMessage.Read(payload);
                });
            }
            catch (SystemCallException e) when (e.ErrorNumber == Errno.ENODEV)
            {
            }
        }
        return found;
    }
}
