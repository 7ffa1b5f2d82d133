using System.Runtime.InteropServices;
using SoftSwitch.Forwarding.Nat;

namespace SoftSwitch.State.Nat;

/// <summary>
/// Which of the entries that wait become lines, where there are more than may: each owner has what he wants, and those who want more than
/// an equal part of what is left have that part, and give up the oldest of their own. So whoever makes many flows loses lines of his own
/// alone. What is lost is counted for its owner. Used by the flow log's thread alone.
/// </summary>
internal sealed class FlowLogShares(FlowLogs logs)
{
    private readonly List<NaptLogEntry> _entries = [];
    private readonly Dictionary<NaptOwner, long> _wanted = [];
    private readonly Dictionary<NaptOwner, long> _lost = [];

    /// <summary>Takes all that waits.</summary>
    /// <param name="room">How much of it becomes lines.</param>
    /// <param name="line">Gets what does, each owner's in order.</param>
    public void Take(long room, Action<NaptLogEntry> line)
    {
        foreach (var log in logs.All)
        {
            while (log.TryRead(out var entry))
            {
                _entries.Add(entry);
                CollectionsMarshal.GetValueRefOrAddDefault(_wanted, entry.Owner, out _)++;
            }
            log.TakeLost(_lost);
        }
        var part = PartOf(room);
        foreach (var entry in _entries)
        {
            ref var wanted = ref CollectionsMarshal.GetValueRefOrAddDefault(_wanted, entry.Owner, out _);
            if (wanted <= part)
            {
                line(entry);
                continue;
            }
            wanted--;
            CollectionsMarshal.GetValueRefOrAddDefault(_lost, entry.Owner, out _)++;
        }
        _entries.Clear();
        _wanted.Clear();
    }

    /// <summary>Takes how many were lost since this was last called, of whom; who has lost the most first.</summary>
    public IReadOnlyList<(NaptOwner Owner, long Lines)> TakeLost()
    {
        (NaptOwner, long Lines)[] lost = [.. _lost.Select(one => (one.Key, one.Value)).OrderByDescending(one => one.Value)];
        _lost.Clear();
        return lost;
    }

    /// <summary>The most that anybody gets, so that all of them together get what there is.</summary>
    private long PartOf(long room)
    {
        var others = _wanted.Count;
        foreach (var wanted in _wanted.Values.Order())
        {
            if (wanted > room / others)
                return room / others;
            room -= wanted;
            others--;
        }
        return long.MaxValue;
    }
}
