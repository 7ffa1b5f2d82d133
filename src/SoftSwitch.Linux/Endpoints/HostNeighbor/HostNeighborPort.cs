using System.Buffers.Binary;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux.Endpoints.PacketSockets;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.HostNeighbor;

/// <summary>
/// The host as a station of a network whose uplink is the host's own NIC. Its addresses stay on that NIC.
/// <code>
///   from the host   stack ─► NIC's egress rules ─► helper interface ─► our end of it, read here
///   to the host     a packet socket on the helper, written here ─► helper's filter ─► NIC's ingress ─► stack
/// </code>
/// To the host's stack all of it has come and gone by the NIC, so reverse path filters, IPv6 and multicast listeners find it where they
/// expect it. What leaves here for the host passes a <see cref="StationGate"/> first. The station is the host's own address on the NIC, and
/// the uplink's port is the <see cref="Membership.Uplink"/>.
/// </summary>
public sealed unsafe class HostNeighborPort : DevicePort
{
    /// <summary>Silent stations stay published as long as there are no more than this.</summary>
    private const int SilentStations = 4096;

    private readonly HelperInterface _helper;
    private readonly PacketPort _toHost;
    private readonly HostTable _table;
    private readonly StationGate _gate;
    private volatile string? _failure;
    private volatile Membership? _membership;

    /// <summary>Takes over what it is given, and disposes of it.</summary>
    internal HostNeighborPort(string name, int mtu, int workers, HelperInterface helper, PacketPort toHost, HostTable table)
        : base(name, mtu, workers)
    {
        _helper = helper;
        _toHost = toHost;
        _table = table;
        foreach (var descriptor in helper.End.Descriptors)
            Watch(descriptor.Fd, descriptor.Ready);
        _gate = new(table, toHost, this, reason => _failure = reason);
    }

    /// <summary>Its place in its network, which knows where stations are; null before it has one.</summary>
    public Membership? Membership
    {
        get => _membership;
        set => _membership = value;
    }

    public override PortOffloads Offloads => _toHost.Offloads;

    public override int OffloadHeaderLength => _toHost.OffloadHeaderLength;

    /// <summary>Why the port can't go on; null: it can.</summary>
    public string? Failure => _failure;

    public override long KernelDrops() => _helper.End.KernelDrops();

    public override bool Receive(Burst burst) => _helper.End.Receive(burst);

    public override void Transmit(TransmitBatch batch)
    {
        ulong last = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            var source = Source(batch, i);
            if (source != last && !_gate.IsOpen(source))
            {
                TransmitEach(batch);
                return;
            }
            last = source;
        }
        _toHost.Transmit(batch);
    }

    /// <summary>The host's frames to a station go by the switch; else they go out by the NIC.</summary>
    public bool Leads(MacAddress station) => _gate.IsOpen(station.Value);

    /// <summary>Publishes guests whose addresses are known beforehand.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Publish(IReadOnlyCollection<MacAddress> guests) => _gate.Publish(guests);

    /// <summary>The stations that are published.</summary>
    internal IEnumerable<ulong> Published => _gate.Published;

    /// <summary>These are published already: the table was left by the program before.</summary>
    internal void Inherit(IEnumerable<ulong> stations) => _gate.Inherit(stations);

    /// <summary>Leaves what it has of the host to the program that goes on in this process.</summary>
    internal void Leave(Inheritance heir, string helper, string toHost, string table)
    {
        _helper.Leave(heir, helper);
        _toHost.Leave(heir, toHost);
        _table.Leave(heir, table);
    }

    /// <summary>Withdraws stations that are behind the uplink now, so that the host's frames to them take the short way. Called by the
    /// control plane.</summary>
    /// <param name="now">For the ages of stations.</param>
    /// <param name="settle">Returns when every worker has ended the turn it was in.</param>
    public void Withdraw(Instant now, Action settle)
    {
        if (Membership is not { } own || _failure is not null)
            return;
        var (uplink, silent) = (own.Uplink?.Slot ?? 0, _gate.Count > SilentStations);
        try
        {
            bool HasLeft(ushort slot) => slot == 0 ? silent : slot == uplink || slot == own.Slot;
            _gate.Withdraw(station => HasLeft(own.Bridge.Fdb.Lookup(station, now)), settle);
        }
        catch (SystemCallException e)
        {
            _failure = e.Message;
        }
    }

    /// <summary>The port that a station was heard at a moment ago; this one: nobody knows.</summary>
    internal Port InputOf(ulong station) => Membership is { Bridge: var bridge }
        && bridge.View[bridge.Fdb.Lookup(station, new(Environment.TickCount64))] is { Port: var input } ? input : this;

    /// <summary>Ports that there are in its network.</summary>
    internal int PortCount => Membership?.Bridge.View.SlotCount ?? 1;

    private void TransmitEach(TransmitBatch batch)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            if (_gate.Pass(Source(batch, i), batch.Vectors(i), batch.VectorCount(i)) is var reason and not DropReason.None)
                batch.Refuse(i, reason);
        }
    }

    /// <summary>The sender's address. It stands behind the offload header's piece and the receiver's address.</summary>
    private static ulong Source(TransmitBatch batch, int index)
    {
        // SAFETY: a frame that was admitted has a whole Ethernet header in its first piece, which is the one behind the offload header.
        var header = batch.Vectors(index)[1].Bytes;
        return BinaryPrimitives.ReadUInt64BigEndian(header[(MacAddress.Size - 2)..]) & 0xFFFF_FFFF_FFFF;
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _gate.Dispose();
        // First of all the host's frames go out on the wire again.
        _table.Dispose();
        _toHost.Dispose();
        _helper.Dispose();
    }
}
