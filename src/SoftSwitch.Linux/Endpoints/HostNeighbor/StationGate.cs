using System.Collections.Concurrent;
using Microsoft.Extensions.ObjectPool;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Linux.Endpoints.PacketSockets;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.HostNeighbor;

/// <summary>
/// Lets a guest's frame through to the host only when the host's answer to it would come back to the switch. That is so when the guest is
/// published: when it is in the set that the NIC's egress rules look into.
/// <code>
///   published ──────────────► host          a look into a dictionary, no lock
///   not yet   ─► held ─ publisher adds the station to the set ─► host, in order
/// </code>
/// The host answers within microseconds, so if a station were published after its first frame, the first answer would go out on the wire.
/// Changing the set takes a system call, which needs the capability that workers have given up, so a thread of its own does it.
/// <para>
/// <b>Limits.</b> <see cref="MaximumHeld"/> frames wait at most, <see cref="MaximumHeldOfPort"/> of one port; what comes then is dropped as
/// for any full queue. <see cref="MaximumStations"/> are published at most, twice what the forwarding database holds; those that left are
/// withdrawn every second, and those that fell silent once there are many.
/// </para>
/// </summary>
internal sealed unsafe class StationGate : IDisposable
{
    internal const int MaximumHeld = 512;
    internal const int MaximumHeldOfPort = 64;
    internal const int MaximumStations = 131_072;

    private static readonly ObjectPool<OwnedFrame> s_frames =
        new DefaultObjectPool<OwnedFrame>(new DefaultPooledObjectPolicy<OwnedFrame>(), MaximumHeld);

    private readonly HostTable _table;
    private readonly PacketPort _host;
    private readonly Func<ulong, ushort> _portOf;
    private readonly Action<string> _failed;
    private readonly ConcurrentDictionary<ulong, bool> _published = new(new SeededHash());
    private readonly Queue<(ulong Station, ushort Port, OwnedFrame Frame)> _held = new(MaximumHeld);
    private readonly Dictionary<ushort, int> _heldOfPort = [];
    private readonly HashSet<ulong> _publishing = [];

    /// <summary>Held while frames are held or let go; what it guards is quick.</summary>
    private readonly Lock _holding = new();

    /// <summary>Held while the set is changed.</summary>
    private readonly Lock _changing = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _publisher;
    private volatile bool _stopping;

    /// <param name="table">Where stations are published.</param>
    /// <param name="host">Where frames go when they are let through.</param>
    /// <param name="portOf">The port that a station was heard at.</param>
    /// <param name="failed">Called once, on the publisher's thread, when stations can't be published any more.</param>
    internal StationGate(HostTable table, PacketPort host, Func<ulong, ushort> portOf, Action<string> failed)
    {
        _table = table;
        _host = host;
        _portOf = portOf;
        _failed = failed;
        _publisher = new(Run) { Name = "host stations", IsBackground = true };
        _publisher.Start();
    }

    internal int Count => _published.Count;

    /// <summary>Frames of the station may go to the host as they come.</summary>
    internal bool IsOpen(ulong station) => _published.ContainsKey(station);

    /// <summary>Sends one frame to the host, or holds it until its station is published.</summary>
    /// <returns>Why it was dropped, or <see cref="DropReason.None"/>.</returns>
    internal DropReason Pass(ulong station, IoVector* pieces, int count)
    {
        lock (_holding)
        {
            if (!IsOpen(station))
            {
                if (_stopping)
                    return DropReason.PortDown;
                var port = _portOf(station);
                var ofPort = _heldOfPort.GetValueOrDefault(port);
                if (_held.Count == MaximumHeld || ofPort == MaximumHeldOfPort)
                    return DropReason.QueueFull;
                _heldOfPort[port] = ofPort + 1;
                _held.Enqueue((station, port, Copy(pieces, count)));
                _wake.Set();
                return DropReason.None;
            }
        }
        return _host.Send(pieces, count);
    }

    /// <summary>Publishes stations before they have said anything.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    internal void Publish(IReadOnlyCollection<MacAddress> stations)
    {
        lock (_changing)
        {
            _table.Add(stations);
            foreach (var station in stations)
                _published[station.Value] = true;
        }
    }

    /// <summary>Withdraws the stations that have left.</summary>
    /// <param name="hasLeft">Whether a station is elsewhere now.</param>
    /// <param name="settle">Returns when every worker has ended the turn it was in.</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    internal void Withdraw(Func<ulong, bool> hasLeft, Action settle)
    {
        var leaving = new List<ulong>();
        foreach (var (station, _) in _published)
        {
            if (hasLeft(station))
                leaving.Add(station);
        }
        if (leaving.Count == 0)
            return;
        lock (_changing)
        {
            foreach (var station in leaving)
                _published.TryRemove(station, out _);
            // A worker may have found a station published that came back in this moment: its turn ends, and the database knows by then.
            settle();
            lock (_holding)
            {
                foreach (var back in leaving.Where(station => !hasLeft(station)))
                {
                    // The publisher opens for those that have frames waiting, after these.
                    if (!_held.Any(held => held.Station == back))
                        _published[back] = true;
                }
            }
            _table.Remove(leaving.Where(station => hasLeft(station) && !IsOpen(station)).Select(station => new MacAddress(station)));
        }
    }

    public void Dispose()
    {
        _stopping = true;
        _wake.Set();
        _publisher.Join();
        _wake.Dispose();
        LetGo(send: false);
    }

    private void Run()
    {
        while (true)
        {
            _wake.WaitOne();
            if (_stopping)
                return;
            try
            {
                PublishHeld();
            }
            catch (Exception e)
            {
                _stopping = true;
                LetGo(send: false);
                _failed(e is SystemCallException ? e.Message : $"internal error, please report it: {e}");
                return;
            }
        }
    }

    private void PublishHeld()
    {
        lock (_changing)
        {
            lock (_holding)
            {
                _publishing.Clear();
                foreach (var (station, _, _) in _held)
                    _publishing.Add(station);
            }
            if (_published.Count + _publishing.Count <= MaximumStations)
            {
                _table.Add(_publishing.Select(station => new MacAddress(station)));
                LetGo(send: true);
            }
            else
            {
                LetGo(send: false);
            }
        }
    }

    /// <summary>Empties the queue of frames whose stations are being published, and then opens for these.</summary>
    private void LetGo(bool send)
    {
        lock (_holding)
        {
            for (var left = _held.Count; left > 0; left--)
            {
                var next = _held.Dequeue();
                if (send && !_publishing.Contains(next.Station))
                {
                    // It came after the set was asked for. The next round is for it.
                    _held.Enqueue(next);
                    continue;
                }
                _heldOfPort[next.Port]--;
                if (send)
                    Send(next.Frame);
                s_frames.Return(next.Frame);
            }
            if (!send)
                return;
            foreach (var station in _publishing)
                _published[station] = true;
        }
    }

    private void Send(OwnedFrame frame)
    {
        var offload = frame.Offload;
        fixed (byte* bytes = frame.Bytes)
        {
            var pieces = stackalloc IoVector[2];
            pieces[0] = new((byte*)&offload, VirtioNetHeader.LegacySize);
            pieces[1] = new(bytes, frame.Bytes.Length);
            _ = _host.Send(pieces, 2);
        }
    }

    private static OwnedFrame Copy(IoVector* pieces, int count)
    {
        var frame = s_frames.Get();
        frame.Clear();
        var offload = default(VirtioNetHeader);
        // SAFETY: the first piece is the offload header alone, of the length that the port asks for (TransmitBatch).
        pieces[0].Bytes[..VirtioNetHeader.LegacySize].CopyTo(new Span<byte>(&offload, VirtioNetHeader.Size));
        frame.Offload = offload;
        for (var i = 1; i < count; i++)
            frame.Append(pieces[i].Bytes);
        return frame;
    }
}
