using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>
/// A switch on in-memory ports with one worker that runs when told to: frames in, a turn, frames out. Ports are numbered from 0 in the
/// order they were added. After every turn the books must balance, network by network. The worker looks away after every third frame that
/// it sends, as one does that others wait for.
/// </summary>
internal sealed class Rig : IDisposable
{
    private readonly List<MemoryPort> _ports = [];
    private readonly List<Membership> _members = [];
    private readonly List<Bridge> _bridges = [];
    private readonly Dictionary<Bridge, List<Port>> _everAttached = [];
    private readonly Passage _passage = new(0);
    private readonly Queue<InnerPort> _called = new();
    private long _sent;

    /// <summary>Who asks stations whether they are where they were, in a rig where somebody does.</summary>
    public static readonly MacAddress AskerMac = new(0x02A5_0000_0001);

    private readonly bool _asks;

    /// <param name="ports">Ports without offloads on the first network.</param>
    /// <param name="stations">Stations of a network at most.</param>
    /// <param name="asks">Stations are asked whether they are where they were.</param>
    public Rig(int ports = 0, int stations = Fdb.DefaultCapacity, bool asks = false)
    {
        (Stations, _asks) = (stations, asks);
        for (var i = 0; i < ports; i++)
            Add();
    }

    public Instant Now { get; set; } = new(5_000);

    public int Stations { get; }

    public Bridge Bridge(int network = 0) => _bridges[network];

    public MemoryPort Port(int port) => _ports[port];

    public Membership Member(int port) => _members[port];

    public PortCounters Counters(int port) => _ports[port].Total();

    /// <summary>Adds a port that is up to a network, which is made when it isn't there.</summary>
    public int Add(PortOffloads offloads = PortOffloads.None, int mtu = 1500, int network = 0, int queueLength = 4096,
        MacAddress? station = null, int? lendsFrom = null, HostGate? gate = null, bool isBound = false)
    {
        MakeNetworks(network);
        var port = new MemoryPort($"port{_ports.Count}", offloads, mtu, queueLength: queueLength, lendsFrom: lendsFrom);
        _ports.Add(port);
        _members.Add(_bridges[network].Attach(port, station, gate, isBound));
        _bridges[network].SetUp(_members[^1], true);
        _everAttached[_bridges[network]].Add(port);
        return _ports.Count - 1;
    }

    /// <summary>Adds a station of ours to a network, which is made when it isn't there.</summary>
    public T Add<T>(T inner, int network) where T : InnerPort
    {
        MakeNetworks(network);
        _bridges[network].SetUp(_bridges[network].Attach(inner), true);
        _everAttached[_bridges[network]].Add(inner);
        return inner;
    }

    /// <summary>Lets a station of ours do what has become due.</summary>
    public void Tick(InnerPort inner)
    {
        _passage.Begin(inner, Now);
        Transmit();
        Balance();
    }

    /// <summary>Gives a station of ours a turn.</summary>
    public void Resume(InnerPort inner)
    {
        _called.Enqueue(inner);
        _passage.Burst.Clear();
        Transmit();
        Balance();
    }

    public void Send(int port, ReadOnlySpan<byte> frame, VirtioNetHeader offload = default)
    {
        if (!_ports[port].Send(offload, frame))
            throw new InvalidOperationException("the queue into the switch is full");
        _sent++;
    }

    /// <summary>Carries every frame that waits.</summary>
    public void Turn()
    {
        foreach (var member in _members)
        {
            for (member.Port.Receive(_passage.Burst); _passage.Burst.Count > 0; member.Port.Receive(_passage.Burst))
            {
                _passage.Begin(member, Now);
                Transmit();
                _passage.Burst.Clear();
                member.Port.Release();
            }
        }
        Balance();
    }

    /// <summary>Sends one frame and carries it.</summary>
    public void Carry(int port, ReadOnlySpan<byte> frame, VirtioNetHeader offload = default)
    {
        Send(port, frame, offload);
        Turn();
    }

    /// <summary>Takes what came out of a port.</summary>
    public List<ReceivedFrame> Received(int port)
    {
        var frames = new List<ReceivedFrame>();
        while (_ports[port].TryTake(out var frame))
        {
            frames.Add(new(frame.Bytes.ToArray(), frame.Offload));
            MemoryPort.Return(frame);
        }
        return frames;
    }

    /// <summary>Frames that came in at a port and were dropped for a reason.</summary>
    public long InDrops(int port, DropReason reason) => Counters(port).InDrops(reason);

    /// <summary>Frames that should have left by a port and were dropped for a reason.</summary>
    public long OutDrops(int port, DropReason reason) => Counters(port).OutDrops(reason);

    public void Dispose()
    {
        _passage.Dispose();
        foreach (var port in _ports)
            port.Dispose();
    }

    private void MakeNetworks(int network)
    {
        while (_bridges.Count <= network)
        {
            var asker = _asks ? new Asker("asker", AskerMac, 1) : null;
            _bridges.Add(new($"net{_bridges.Count}", TimeSpan.FromSeconds(300), Stations, asker));
            _everAttached.Add(_bridges[^1], asker is null ? [] : [asker]);
        }
    }

    /// <summary>Sends all of it, and then gives those their turns who have called.</summary>
    private void Transmit()
    {
        TransmitOne();
        while (_called.TryDequeue(out var inner))
        {
            _passage.Burst.Clear();
            _passage.Resume(inner, Now);
            TransmitOne();
        }
    }

    private void TransmitOne()
    {
        while (!_passage.Continue(3))
        {
        }
        while (_passage.TryTakeCalled(out var inner))
            _called.Enqueue(inner);
    }

    private void Balance()
    {
        long all = 0;
        foreach (var (bridge, ports) in _everAttached)
        {
            var sum = new PortCounters();
            foreach (var port in ports)
                sum.Add(port.Total());
            long made = sum.InFrames + sum.Copies + sum.Segments, gone = sum.OutFrames + sum.InDropsTotal + sum.OutDropsTotal;
            if (made != gone)
                throw new InvalidDataException(
                    $"the books of {bridge.Name} don't balance: {made} frames came in or were made, {gone} left or were dropped");
            all += ports.OfType<MemoryPort>().Sum(port => port.Total().InFrames);
        }
        if (all != _sent)
            throw new InvalidDataException($"{_sent} frames were sent and {all} counted");
    }
}
