using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;

namespace SoftSwitch.Forwarding.Ports;

/// <summary>
/// One attachment to a network: something that fills bursts and takes them. Two calls over a burst are all that forwarding knows of a
/// port; what stands behind them (a tap, a packet socket, memory) it never asks.
/// <para>
/// <see cref="Receive"/> belongs to one worker. <see cref="Transmit"/> may be called by every worker at once, each with a batch of its own.
/// Everything else belongs to the control plane.
/// </para>
/// </summary>
public abstract unsafe class Port : IDisposable
{
    /// <summary>Workers that a file may have.</summary>
    public const int MostWorkers = 64;

    /// <summary>Held while something is counted that no worker counts.</summary>
    private static readonly Lock s_late = new();

    /// <summary>One for each worker, and one for all others.</summary>
    private readonly PortCounters* _counters;
    private readonly int _workers;
    private volatile int _mtu;

    /// <summary>Of workers that have come since; null: none has.</summary>
    private LateCounters? _more;

    /// <param name="name">As in the configuration.</param>
    /// <param name="mtu">The longest packet that may leave by this port, in bytes, Ethernet header not counted.</param>
    /// <param name="workers">Workers that there are, each with counters of its own; more may come.</param>
    protected Port(string name, int mtu, int workers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        Name = name;
        _mtu = mtu;
        _workers = workers;
        var bytes = (nuint)((workers + 1) * sizeof(PortCounters));
        _counters = (PortCounters*)NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(_counters, bytes);
    }

    ~Port()
    {
        Dispose(false);
        NativeMemory.AlignedFree(_counters);
    }

    public string Name { get; }

    /// <summary>The longest packet that may leave by this port, in bytes, Ethernet header not counted. The control plane may change it,
    /// and tells the bridge (<see cref="Bridging.Bridge.Renew"/>).</summary>
    public int Mtu
    {
        get => _mtu;
        set => _mtu = value;
    }

    /// <summary>What the other end finishes by itself. It may change while the port runs.</summary>
    public abstract PortOffloads Offloads { get; }

    /// <summary>Bytes of the offload header in front of each frame that is transmitted: 0, 10 or 12.</summary>
    public abstract int OffloadHeaderLength { get; }

    /// <summary>Adds the frames that are waiting, as many as the burst takes; none is no error.</summary>
    /// <returns>True: there may be more. False: that was all, and to ask again at once would be a call for nothing.</returns>
    /// <exception cref="PortFailedException">The port is gone.</exception>
    public abstract bool Receive(Burst burst);

    /// <summary>
    /// Ends the turn of what was received last: nobody uses a byte of it any more, so memory that was lent for it is the port's again.
    /// Called by the receiving worker.
    /// </summary>
    public virtual void Release()
    {
    }

    /// <summary>Hands every frame of the batch to the other end, and marks those that it didn't take.</summary>
    public abstract void Transmit(TransmitBatch batch);

    /// <summary>What one worker counts at this port.</summary>
    public ref PortCounters Counters(int worker)
    {
        if ((uint)worker >= (uint)_workers)
            return ref Late(worker);
        // SAFETY: the worker's number was checked, and the memory lives as long as this object, which the caller holds.
        return ref _counters[worker];
    }

    /// <summary>One that the port wasn't made for: it makes its counters when it counts for the first time.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private ref PortCounters Late(int worker)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(worker);
        var more = Volatile.Read(ref _more) ?? Interlocked.CompareExchange(ref _more, new(), null) ?? _more;
        return ref more[worker];
    }

    /// <summary>Counts a frame that came in by the port and is dropped after its turn: an output has taken it, and let it wait. Any thread
    /// may call.</summary>
    /// <param name="output">It doesn't count as out there any more.</param>
    /// <param name="bytes">Its length.</param>
    /// <param name="reason">Why.</param>
    public void DropLate(Port output, int bytes, DropReason reason)
    {
        lock (s_late)
        {
            // SAFETY: there is one more than there are workers.
            _counters[_workers].InDrops(reason)++;
            ref var taken = ref output._counters[output._workers];
            taken.OutFrames--;
            taken.OutBytes -= bytes;
        }
    }

    /// <summary>What was counted altogether.</summary>
    public PortCounters Total()
    {
        var total = new PortCounters();
        for (var worker = 0; worker <= _workers; worker++)
            total.Add(_counters[worker]);
        Volatile.Read(ref _more)?.AddTo(ref total);
        return total;
    }

    /// <summary>Closes the port. Its counters stay readable: code that still shows the port must not read freed memory.</summary>
    public void Dispose() => Dispose(true);

    protected virtual void Dispose(bool disposing)
    {
    }
}
