using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>
/// Questions that somebody else is asked, or is to be asked, and the guests that wait for the answers. How many one port's guests may have
/// waiting is bounded. Who is next to be asked for comes from each port in turn, so that who asks for much holds up nobody else.
/// <para>Used under the lock of its server.</para>
/// </summary>
internal sealed class WaitingQuestions
{
    /// <summary>Of those who wait for the same, so many are looked at for one that asks again.</summary>
    private const int MostLooked = 16;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Dictionary<DnsKey, DnsWaiters> _byKey = new(DnsKey.Comparer);
    private readonly Dictionary<Port, int> _ofPort = [];
    private readonly Dictionary<Port, Queue<DnsWaiters>> _wanted = [];
    private readonly Queue<Port> _turns = new();

    /// <summary>A guest waits.</summary>
    /// <param name="isNew">Nobody waits for that yet.</param>
    /// <returns>False: its port has too many that wait.</returns>
    public bool TryAdd(ReadOnlySpan<byte> key, DnsWaiter waiter, out bool isNew)
    {
        isNew = false;
        var port = waiter.Caller.Input.Port;
        var known = _byKey.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var waiters);
        for (var i = known ? waiters!.All.Count - 1 : -1; i >= 0 && i >= waiters!.All.Count - MostLooked; i--)
        {
            if (waiters.All[i].IsSame(waiter))
                return true;
        }
        var waiting = _ofPort.GetValueOrDefault(port);
        if (waiting >= Limits.DnsWaiting.Most)
            return false;
        _ofPort[port] = waiting + 1;
        if (!known)
        {
            _byKey.Add((waiters = new(new(key), port)).Key, waiters);
            Want(waiters);
            isNew = true;
        }
        waiters!.All.Add(waiter);
        return true;
    }

    /// <summary>Takes the next that is to be asked for, from a port that may have more asked for.</summary>
    /// <param name="places">How many each may.</param>
    /// <param name="isLate">Those who wait have waited for too long.</param>
    public DnsWaiters? TakeWanted(UpstreamPlaces places, Instant now, out bool isLate)
    {
        isLate = false;
        for (var left = _turns.Count; left > 0; left--)
        {
            var port = _turns.Dequeue();
            var own = _wanted[port];
            isLate = own.Peek().All[0].Since + s_patience is var until && until.Milliseconds <= now.Milliseconds;
            if (!isLate && !places.TryTake(port))
            {
                _turns.Enqueue(port);
                continue;
            }
            var wanted = own.Dequeue();
            if (own.Count > 0)
                _turns.Enqueue(port);
            else
                _wanted.Remove(port);
            return wanted;
        }
        return null;
    }

    /// <summary>It is known: nobody waits for it any more.</summary>
    public void Remove(DnsWaiters waiters)
    {
        _byKey.Remove(waiters.Key);
        foreach (var waiter in waiters.All)
        {
            if ((_ofPort[waiter.Caller.Input.Port] -= 1) == 0)
                _ofPort.Remove(waiter.Caller.Input.Port);
        }
    }

    private void Want(DnsWaiters waiters)
    {
        if (!_wanted.TryGetValue(waiters.By, out var own))
        {
            _wanted.Add(waiters.By, own = new());
            _turns.Enqueue(waiters.By);
        }
        own.Enqueue(waiters);
    }
}
