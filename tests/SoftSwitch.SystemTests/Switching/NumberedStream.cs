using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SoftSwitch.SystemTests.Nat;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>
/// Numbered datagrams from one namespace to another, without an end, until it is asked what came of them. No more are on their way than the
/// queues between the two hold, however busy the machine is: what is missing then, or comes twice, or out of turn, the switch has done.
/// Or they come evenly, whatever is on its way: where nobody reads for a while that is more than the queues hold.
/// </summary>
internal sealed class NumberedStream : IDisposable
{
    private const int OnTheirWay = 64, Length = 200, ReceiveBuffer = 16 << 20;

    /// <summary>What an even sender who didn't run for a while makes up for at once: far fewer than any queue holds.</summary>
    private const int MadeUpFor = 200;

    private readonly Socket _from, _to;
    private readonly Thread[] _threads;
    private readonly long _interval;
    private long _sent, _received, _next, _missing = -1;
    private volatile bool _stopping;
    private volatile string? _wrong;

    /// <param name="from">Who sends.</param>
    /// <param name="source">His address.</param>
    /// <param name="to">Who receives.</param>
    /// <param name="destination">His address.</param>
    /// <param name="port">His port.</param>
    /// <param name="perSecond">How many are sent a second, evenly; 0: as fast as they come through.</param>
    /// <param name="named">The address that the sender names, where a forward leads from there; null: the receiver's.</param>
    public NumberedStream(NetNs from, string source, NetNs to, string destination, int port, int perSecond = 0, string? named = null)
    {
        _interval = perSecond == 0 ? 0 : Stopwatch.Frequency / perSecond;
        _to = RawDatagram.Socket(to, destination, port);
        _from = RawDatagram.Socket(from, source, 0);
        _to.ReceiveBufferSize = ReceiveBuffer;
        _from.Connect(IPAddress.Parse(named ?? destination), port);
        _threads = [new(Send) { IsBackground = true }, new(Receive) { IsBackground = true }];
        Array.ForEach(_threads, thread => thread.Start());
    }

    /// <summary>What has arrived.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>What is wrong with it so far; null: nothing.</summary>
    public string? Wrong => _wrong;

    /// <summary>Ends it, and waits for what is on its way.</summary>
    /// <returns>How many came; all of those that were sent, each once and in turn.</returns>
    public long End()
    {
        _stopping = true;
        _threads[0].Join();
        Eventually.Holds(() => _wrong is not null || Received == Volatile.Read(ref _sent));
        Assert.Null(_wrong);
        return Received;
    }

    public void Dispose()
    {
        _stopping = true;
        _from.Dispose();
        _to.Dispose();
        Array.ForEach(_threads, thread => thread.Join());
    }

    private void Send()
    {
        var datagram = new byte[Length];
        try
        {
            while (!_stopping && _wrong is null)
            {
                // Until the first has come, the sender's kernel holds back few while it asks for the other's address.
                if (Received == 0 || _interval == 0 ? Volatile.Read(ref _sent) - Received >= (Received == 0 ? 1 : OnTheirWay)
                    : Stopwatch.GetTimestamp() < _next)
                {
                    Thread.SpinWait(200);
                    continue;
                }
                BinaryPrimitives.WriteInt64BigEndian(datagram, Volatile.Read(ref _sent));
                _from.Send(datagram);
                _next = long.Max(_next + _interval, Stopwatch.GetTimestamp() - MadeUpFor * _interval);
                Interlocked.Increment(ref _sent);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            _wrong ??= _stopping ? null : e.Message;
        }
    }

    private void Receive()
    {
        var datagram = new byte[Length];
        try
        {
            while (true)
            {
                _to.Receive(datagram);
                var (number, due) = (BinaryPrimitives.ReadInt64BigEndian(datagram), Received);
                if (number < due && _missing == number)
                    (_wrong, _missing) = ($"{_wrong}, which came later, at {DateTime.UtcNow:HH:mm:ss.fff}", -1);
                else if (number != due && _wrong is null)
                    (_wrong, _missing) = ($"number {number} came where {due} was due, at {DateTime.UtcNow:HH:mm:ss.fff}", due);
                Volatile.Write(ref _received, number + 1);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Nothing for seconds: it is lost, unless nothing was sent.
            if (!_stopping)
                _wrong ??= $"number {Received} never came";
        }
    }
}
