namespace SoftSwitch.Forwarding.Ports;

/// <summary>What workers count at a port that was there before them. Each makes its own with its first frame there: so a worker more costs
/// the ports nothing that it never serves, and those that count already aren't held up. Any worker may call, with its own number.</summary>
internal sealed class LateCounters
{
    private readonly Box?[] _byWorker = new Box?[Port.MostWorkers];

    /// <summary>What one worker counts.</summary>
    public ref PortCounters this[int worker] => ref (_byWorker[worker] ?? Make(worker)).Counters;

    /// <summary>Adds what all have counted.</summary>
    public void AddTo(ref PortCounters total)
    {
        for (var worker = 0; worker < _byWorker.Length; worker++)
        {
            if (Volatile.Read(ref _byWorker[worker]) is { } box)
                total.Add(box.Counters);
        }
    }

    /// <summary>Nobody else makes this worker's.</summary>
    private Box Make(int worker)
    {
        var box = new Box();
        Volatile.Write(ref _byWorker[worker], box);
        return box;
    }

    private sealed class Box
    {
        public PortCounters Counters;
    }
}
