using SoftSwitch.Linux.Filters;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Nftables;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.HostNeighbor;

/// <summary>
/// The rules of nf_tables at the host's NIC, gone with this object or the process.
/// <code>
///   egress    marked as the switch's: on its way      ingress    not marked as the switch's: on its way
///             to a guest: to the helper, alone                   the mark is taken off, and the frame becomes what it
///             to a group: to the helper as well                  would be had it been received: for all, for others
/// </code>
/// On egress it comes after the rules of others, so that what the host's firewall forbids there is forbidden towards guests as well; on
/// ingress it comes before them. One thread at a time.
/// </summary>
internal sealed class HostTable : IDisposable
{
    private const string Guests = "guests", Out = "to-wire", In = "to-host";
    private const int First = -1000, Last = 1000;

    private static readonly MacAddress s_broadcast = MacAddress.Parse("ff:ff:ff:ff:ff:ff");

    private readonly NftTable _table;

    /// <summary>Makes table and chains, which do nothing yet: this shows whether the kernel has what it takes.</summary>
    internal HostTable(string nic)
    {
        _table = new(NameOf(nic));
        try
        {
            _table.Commit(_table.Change().AddSet(Guests, NftKey.MacAddress).AddChain(In, NftHook.Ingress, nic, First));
            try
            {
                _table.Commit(_table.Change().AddChain(Out, NftHook.Egress, nic, Last));
            }
            catch (SystemCallException e) when (e.ErrorNumber is Errno.EOPNOTSUPP or Errno.ENOENT or Errno.EINVAL)
            {
                throw new SystemCallException(e.Call, e.ErrorNumber, e.Subject, "needs the egress hook of nf_tables, Linux 5.16");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private HostTable(NftTable table) => _table = table;

    /// <summary>The one that was left at this NIC; null: none.</summary>
    internal static HostTable? Take(Inheritance from, string key, string nic) =>
        NftTable.Take(from, key, NameOf(nic)) is { } table ? new(table) : null;

    /// <summary>Leaves it to the program that goes on in this process: it leads as before.</summary>
    internal void Leave(Inheritance heir, string key) => _table.Leave(heir, key);

    /// <summary>From here on the host's frames for guests go to the helper.</summary>
    /// <param name="helper">Its number.</param>
    /// <param name="host">The NIC's MAC.</param>
    /// <param name="wire">The mark of what the switch itself sends by the NIC.</param>
    internal void Lead(int helper, MacAddress host, uint wire)
    {
        try
        {
            _table.Commit(_table.Change()
                .AddRule(In, new NftRule().MatchOtherMark(SocketMark.ToHost).MatchStation(host).MatchSenderIn(Guests)
                    .Duplicate(helper, SocketMark.FromHost))
                .AddRule(In, new NftRule().MatchOtherMark(SocketMark.ToHost).Accept())
                .AddRule(In, new NftRule().SetMark(0))
                .AddRule(In, new NftRule().MatchStation(s_broadcast).SetPacketType(IfPacket.PACKET_BROADCAST).Accept())
                .AddRule(In, new NftRule().MatchGroup().SetPacketType(IfPacket.PACKET_MULTICAST).Accept())
                .AddRule(In, new NftRule().MatchOtherStation(host).SetPacketType(IfPacket.PACKET_OTHERHOST))
                .AddRule(Out, new NftRule().MatchMark(wire).Accept())
                .AddRule(Out, new NftRule().MatchStationIn(Guests).SetMark(SocketMark.FromHost).Forward(helper))
                .AddRule(Out, new NftRule().MatchGroup().Duplicate(helper, SocketMark.FromHost)));
        }
        catch (SystemCallException e) when (e.ErrorNumber is Errno.EOPNOTSUPP or Errno.ENOENT)
        {
            throw new SystemCallException(e.Call, e.ErrorNumber, e.Subject, "load them with: modprobe -a nft_fwd_netdev nft_dup_netdev");
        }
    }

    /// <summary>From here on what the host sends to these stations goes to the helper; again is no error.</summary>
    internal void Add(IEnumerable<MacAddress> stations) => Each(stations, static (change, station) => change.AddElement(Guests, station));

    /// <summary>From here on what the host sends to these stations goes out on the wire; they must have been added.</summary>
    internal void Remove(IEnumerable<MacAddress> stations) =>
        Each(stations, static (change, station) => change.RemoveElement(Guests, station));

    public void Dispose() => _table.Dispose();

    private static string NameOf(string nic) => $"softswitch-{nic}";

    private void Each(IEnumerable<MacAddress> stations, Func<NftChange, MacAddress, NftChange> add)
    {
        foreach (var some in stations.Chunk(NftChange.MaximumElements))
            _table.Commit(some.Aggregate(_table.Change(), add));
    }
}
