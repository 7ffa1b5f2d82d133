using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>
/// Questions that somebody else is asked, or is to be asked, and the guests that wait for the answers. How many one port's guests may have
/// waiting is bounded. Each port has a line of what its guests want to know, and the lines have their turns, so that who asks for much
/// holds up nobody else. What guests of several ports want to know stands in the line of each, and is asked for with the first of them:
/// nobody's question waits behind all that another port's guest has asked.
/// <code>
///   line of port 1   a ─ b ─ c ─ d ─ e ─ www        port 1's turn: a is asked for
///   line of port 2   www                            port 2's turn: www is, for both
/// </code>
/// <para>Used under the lock of its server.</para>
/// </summary>
internal sealed class WaitingQuestions
{
    /// <summary>Of those who wait for the same, so many are looked at for one that asks again.</summary>
    private const int MostLooked = 16;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Dictionary<DnsKey, DnsWaiters> _byKey = new(DnsKey.Comparer);
    private readonly Dictionary<Port, int> _ofPort = [];
    private readonly Dictionary<Port, LinkedList<DnsPlace>> _lines = [];
    private readonly Queue<Port> _turns = new();

    /// <summary>A guest waits.</summary>
    /// <param name="isNew">Its port is in line for it now: somebody else may be to be asked.</param>
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
            _byKey.Add((waiters = new(new(key))).Key, waiters);
            isNew = true;
        }
        if (isNew || (waiters!.Places.Count > 0 && !waiters.Places.Exists(place => place.Value.Port == port)))
        {
            Want(new(waiters!, port, waiter.Since));
            isNew = true;
        }
        waiters!.All.Add(waiter);
        return true;
    }

    /// <summary>Takes the next that is to be asked for, from a port that may have more asked for.</summary>
    /// <param name="places">How many each may.</param>
    /// <param name="isLate">Those who wait have waited for too long, and nobody else is in line for it.</param>
    public DnsWaiters? TakeWanted(UpstreamPlaces places, Instant now, out bool isLate)
    {
        isLate = false;
        for (var left = _turns.Count; left > 0; left--)
        {
            var port = _turns.Dequeue();
            var line = _lines[port];
            if (Next(line, now, out isLate) is not { } next)
            {
                _lines.Remove(port);
                continue;
            }
            _turns.Enqueue(port);
            if (!isLate && !places.TryTake(port))
                continue;
            foreach (var place in next.Places)
                place.List!.Remove(place);
            next.Places.Clear();
            next.By = port;
            return next;
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

    /// <summary>What is first in a line. What has stood there for too long leaves it when another port is in line for it as well.</summary>
    /// <returns>Null: there is nothing.</returns>
    private static DnsWaiters? Next(LinkedList<DnsPlace> line, Instant now, out bool isLate)
    {
        isLate = false;
        while (line.First is { } first)
        {
            var question = first.Value.Question;
            isLate = (first.Value.Since + s_patience).Milliseconds <= now.Milliseconds;
            if (!isLate || question.Places.Count == 1)
                return question;
            line.RemoveFirst();
            question.Places.Remove(first);
        }
        return null;
    }

    /// <summary>A port gets in line.</summary>
    private void Want(DnsPlace place)
    {
        if (!_lines.TryGetValue(place.Port, out var line))
        {
            _lines.Add(place.Port, line = new());
            _turns.Enqueue(place.Port);
        }
        place.Question.Places.Add(line.AddLast(place));
    }
}
