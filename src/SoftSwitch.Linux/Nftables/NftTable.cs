using System.Runtime.CompilerServices;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Succession;
using static SoftSwitch.Linux.Interop.Nfnetlink;
using static SoftSwitch.Linux.Interop.NfTables;

namespace SoftSwitch.Linux.Nftables;

/// <summary>
/// A table of nf_tables that belongs to this object's netlink socket (NFT_TABLE_F_OWNER, Linux 5.12): nobody else can change it,
/// and the kernel removes it with everything in it when the socket closes, so when this is disposed or the process ends for any reason.
/// <code>
///   using var table = new NftTable("guard");
///   table.Commit(table.Change()
///       .AddSet("addresses", NftKey.Ipv4Address).AddElement("addresses", address)
///       .AddChain("in", NftHook.Ingress, "eth0")
///       .AddRule("in", new NftRule().MatchEtherType(EtherType.Ipv4).MatchProtocol(IpProtocol.Tcp)
///           .MatchDestinationIn("addresses").MatchDestinationPorts(16384, 29999).Drop()));
/// </code>
/// No library and no program is used: the messages are those of linux/netfilter/nf_tables.h. A chain goes when its device goes (until Linux
/// 6.16, from where on it waits for another of that name). Not here: maps, intervals in sets, reading back. One thread at a time; it needs
/// CAP_NET_ADMIN.
/// </summary>
public sealed class NftTable : IDisposable
{
    private readonly NetlinkSocket _socket;
    private readonly NftFamily _family;

    /// <summary>Makes the table, empty.</summary>
    /// <param name="name">Free in its namespace.</param>
    /// <param name="inside">The namespace; left out, the calling thread's.</param>
    /// <param name="family">What it is about.</param>
    /// <exception cref="SystemCallException">The kernel refused: no nf_tables, one too old, or a table of this name.</exception>
    public NftTable(string name, NetworkNamespace? inside = null, NftFamily family = NftFamily.Netdev)
    {
        (Name, _family) = (name, family);
        _socket = Open(inside);
        try
        {
            Commit(Change().AddTable());
        }
        catch (SystemCallException e)
        {
            Dispose();
            throw e.ErrorNumber switch
            {
                Errno.EEXIST => new SystemCallException(e.Call, e.ErrorNumber, e.Subject, $"somebody made it: nft list {Subject}"),
                Errno.EPERM => new SystemCallException(e.Call, e.ErrorNumber, e.Subject,
                    $"another program owns it: nft list {Subject}; otherwise {Remedy.Here.Capability(Capability.NetAdmin)}"),
                _ => new SystemCallException(e.Call, e.ErrorNumber, e.Subject, "needs nf_tables of Linux 5.12: modprobe nf_tables"),
            };
        }
    }

    /// <summary>Goes on with a table that the program before this one has made in this process.</summary>
    private NftTable(string name, NetlinkSocket socket, NftFamily family) => (Name, _socket, _family) = (name, socket, family);

    public string Name { get; }

    /// <summary>The table that was left by this name; null: none.</summary>
    /// <param name="from">What the program before has left.</param>
    /// <param name="key">As it was left.</param>
    /// <param name="name">The table's.</param>
    /// <param name="family">What it is about.</param>
    internal static NftTable? Take(Inheritance from, string key, string name, NftFamily family = NftFamily.Netdev) =>
        from.Take(key) is { } handle ? new(name, new NetlinkSocket(handle), family) : null;

    /// <summary>Leaves it to the program that goes on in this process.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    internal void Leave(Inheritance heir, string key) => heir.Leave(key, _socket.Handle);

    /// <summary>Has it stay until that program has another in its place.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    internal void Hold(Inheritance heir) => heir.Hold(_socket.Handle);

    /// <summary>The names of all tables that there are, anybody's.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public static IReadOnlyList<string> Names(NftFamily family, NetworkNamespace? inside = null)
    {
        var names = new List<string>();
        using var socket = Open(inside);
        var request = new MessageBuilder(stackalloc byte[64], (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETTABLE, 0);
        request.Append(new nfgenmsg { nfgen_family = (byte)family });
        socket.Dump(request.Message, "NFT_MSG_GETTABLE", "tables of nf_tables", names.Clear, (_, payload) =>
        {
            var attributes = new AttributeReader(payload[int.Min(payload.Length, Unsafe.SizeOf<nfgenmsg>())..]);
            while (attributes.Next())
            {
                if (attributes.Type == NFTA_TABLE_NAME)
                    names.Add(attributes.Text);
            }
        });
        return names;
    }

    private string Subject => $"table {(_family == NftFamily.Ipv4 ? "ip" : "netdev")} {Name}";

    /// <summary>Begins a change of this table; nothing happens before <see cref="Commit"/>.</summary>
    public NftChange Change() => new(Name, _family);

    /// <summary>Makes the change, whole or not at all; packets see either all of it or nothing.</summary>
    /// <exception cref="SystemCallException">The kernel refused, and nothing has changed.</exception>
    public void Commit(NftChange change)
    {
        if (!change.IsEmpty)
            _socket.Batch(change.Finish(), "nf_tables", Subject);
    }

    /// <summary>The table is gone when this returns.</summary>
    public void Dispose() => _socket.Dispose();

    private static NetlinkSocket Open(NetworkNamespace? inside) => new(protocol: Interop.Netlink.NETLINK_NETFILTER, inside: inside);
}
