using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
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
/// <b>Limits.</b> <see cref="HostFrames"/> says how much may wait, and <see cref="HostStations"/> how many may be published, in all and of
/// the port that brings it; what has no place is counted at that port. Stations that left are withdrawn every second, and those that fell
/// silent once there are many.
/// </para>
/// </summary>
internal sealed unsafe class StationGate : IDisposable
{
    private readonly HostTable _table;
    private readonly PacketPort _host;
    private readonly HostNeighborPort _output;
    private readonly Action<string> _failed;
    private readonly HostStations _published = new();
    private readonly HostFrames _held;

    /// <summary>Stations that frames wait for, with who brings them; null: there is no place for it.</summary>
    private readonly Dictionary<ulong, Port?> _wanted = [];
    private readonly Dictionary<Port, int> _wantedOf = [];

    /// <summary>Held while frames are held or let go; what it guards is quick.</summary>
    private readonly Lock _holding = new();

    /// <summary>Held while the set is changed.</summary>
    private readonly Lock _changing = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _publisher;
    private volatile bool _stopping;

    /// <param name="table">Where stations are published.</param>
    /// <param name="host">Where frames go when they are let through.</param>
    /// <param name="output">The port whose gate it is.</param>
    /// <param name="failed">Called once, on the publisher's thread, when stations can't be published any more.</param>
    internal StationGate(HostTable table, PacketPort host, HostNeighborPort output, Action<string> failed)
    {
        _table = table;
        _host = host;
        _output = output;
        _failed = failed;
        _held = new(frame => Drop(frame, DropReason.QueueFull));
        _publisher = new(Run) { Name = "host stations", IsBackground = true };
        _publisher.Start();
    }

    internal int Count => _published.Count;

    /// <summary>Frames of the station may go to the host as they come.</summary>
    internal bool IsOpen(ulong station) => _published.Contains(station);

    /// <summary>Sends one frame to the host, or holds it until its station is published. One that is dropped for others is counted at the
    /// port that has brought it.</summary>
    /// <returns>Why it was dropped here, or <see cref="DropReason.None"/>.</returns>
    internal DropReason Pass(ulong station, IoVector* pieces, int count)
    {
        lock (_holding)
        {
            if (!IsOpen(station))
            {
                if (_stopping)
                    return DropReason.PortDown;
                var length = 0;
                for (var i = 1; i < count; i++)
                    length += pieces[i].Length;
                var input = _output.InputOf(station);
                if (_held.Add(station, input, length) is { } held)
                    Copy(pieces, count, held.Frame);
                else
                    input.DropLate(_output, length, DropReason.QueueFull);
                _wake.Set();
                return DropReason.None;
            }
        }
        return _host.Send(pieces, count);
    }

    /// <summary>The stations that are published.</summary>
    internal IEnumerable<ulong> Published => _published.All;

    /// <summary>These are published already, by the program before this one: nobody is asked for a place for them.</summary>
    internal void Inherit(IEnumerable<ulong> stations)
    {
        lock (_changing)
        {
            foreach (var station in stations)
                _published.Add(station, null);
        }
    }

    /// <summary>Publishes stations before they have said anything.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    internal void Publish(IReadOnlyCollection<MacAddress> stations)
    {
        lock (_changing)
        {
            _table.Add(stations);
            foreach (var station in stations)
                _published.Add(station.Value, null);
        }
    }

    /// <summary>Withdraws the stations that have left.</summary>
    /// <param name="hasLeft">Whether a station is elsewhere now.</param>
    /// <param name="settle">Returns when every worker has ended the turn it was in.</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    internal void Withdraw(Func<ulong, bool> hasLeft, Action settle)
    {
        ulong[] leaving = [.. _published.All.Where(hasLeft)];
        if (leaving.Length == 0)
            return;
        lock (_changing)
        {
            var inputs = leaving.ToDictionary(station => station, _published.Remove);
            // A worker may have found a station published that came back in this moment: its turn ends, and the database knows by then.
            settle();
            lock (_holding)
            {
                foreach (var back in leaving.Where(station => !hasLeft(station)))
                {
                    // The publisher opens for those that have frames waiting, after these.
                    if (!_held.All.Any(held => held.Station == back))
                        _published.Add(back, inputs[back]);
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
        DropAll();
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
                DropAll();
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
                Choose();
            _table.Add(_wanted.Where(one => one.Value is not null).Select(one => new MacAddress(one.Key)));
            lock (_holding)
                LetGo();
        }
    }

    /// <summary>Finds out which stations frames wait for, and which of them have a place.</summary>
    private void Choose()
    {
        _wanted.Clear();
        _wantedOf.Clear();
        var all = 0;
        foreach (var held in _held.All)
        {
            if (_wanted.ContainsKey(held.Station))
                continue;
            var input = held.Input!;
            var own = _wantedOf.GetValueOrDefault(input);
            var hasRoom = IsOpen(held.Station) || _published.HasRoom(input, (all, own), _output.PortCount);
            _wanted.Add(held.Station, hasRoom ? input : null);
            if (!hasRoom)
                continue;
            all++;
            _wantedOf[input] = own + 1;
        }
    }

    /// <summary>Sends the frames whose stations have been published, and then opens for these. What has come since waits for the next
    /// round.</summary>
    private void LetGo()
    {
        for (var next = _held.Oldest; next is { } held;)
        {
            next = held.ByAge.Next?.Value;
            if (!_wanted.TryGetValue(held.Station, out var input))
                continue;
            if ((input is null ? DropReason.StationFlood : Send(held.Frame)) is var reason and not DropReason.None)
                Drop(held, reason);
            _held.Remove(held);
        }
        foreach (var (station, input) in _wanted)
        {
            if (input is not null)
                _published.Add(station, input);
        }
    }

    private void DropAll()
    {
        lock (_holding)
        {
            while (_held.Oldest is { } held)
            {
                Drop(held, DropReason.PortDown);
                _held.Remove(held);
            }
        }
    }

    private void Drop(HostFrame held, DropReason reason) => held.Input!.DropLate(_output, held.Frame.Bytes.Length, reason);

    private DropReason Send(OwnedFrame frame)
    {
        var offload = frame.Offload;
        fixed (byte* bytes = frame.Bytes)
        {
            var pieces = stackalloc IoVector[2];
            pieces[0] = new((byte*)&offload, VirtioNetHeader.LegacySize);
            pieces[1] = new(bytes, frame.Bytes.Length);
            return _host.Send(pieces, 2);
        }
    }

    private static void Copy(IoVector* pieces, int count, OwnedFrame frame)
    {
        frame.Clear();
        var offload = default(VirtioNetHeader);
        // SAFETY: the first piece is the offload header alone, of the length that the port asks for (TransmitBatch).
        pieces[0].Bytes[..VirtioNetHeader.LegacySize].CopyTo(new Span<byte>(&offload, VirtioNetHeader.Size));
        frame.Offload = offload;
        for (var i = 1; i < count; i++)
            frame.Append(pieces[i].Bytes);
    }
}
