using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>
/// Answers of others, as long as they may be used, and a day longer for when nobody else can be asked (RFC 8767). Each is counted for the
/// port that asked for it first. Where there is no room, the port that has most gives up what was used longest ago: who asks for random
/// names pushes out his own.
/// <para>Used under the lock of its server.</para>
/// </summary>
internal sealed class DnsCache
{
    private readonly Dictionary<DnsKey, LinkedListNode<(DnsKey Key, DnsAnswer Answer, DnsShare Share)>> _byKey = new(DnsKey.Comparer);
    private readonly Dictionary<Port, DnsShare> _shares = [];
    private int _cost;

    public int Count => _byKey.Count;

    /// <summary>Finds what may be used still.</summary>
    /// <returns>Null: there is nothing.</returns>
    public DnsAnswer? Find(ReadOnlySpan<byte> key, Instant now)
    {
        if (!_byKey.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var node)
            || node.Value.Answer.UsefulUntil.Milliseconds <= now.Milliseconds)
            return null;
        var answers = node.Value.Share.Answers;
        if (node != answers.Last)
        {
            answers.Remove(node);
            answers.AddLast(node);
        }
        return node.Value.Answer;
    }

    /// <summary>Remembers an answer, instead of another to the same question.</summary>
    /// <param name="by">The port that has asked.</param>
    public void Add(DnsKey key, DnsAnswer answer, Port by)
    {
        if (_byKey.TryGetValue(key, out var before))
            Remove(before);
        if (!answer.MayBeKept)
            return;
        if (!_shares.TryGetValue(by, out var share))
            _shares.Add(by, share = new());
        _byKey.Add(key, share.Answers.AddLast((key, answer, share)));
        share.Cost += answer.Cost;
        _cost += answer.Cost;
        while (_cost > Limits.DnsAnswers.Most)
            Remove(_shares.Values.MaxBy(one => one.Cost)!.Answers.First!);
    }

    /// <summary>Forgets what may not be used any more, and ports that have nothing.</summary>
    public void Sweep(Instant now)
    {
        foreach (var node in _byKey.Values)
        {
            if (node.Value.Answer.UsefulUntil.Milliseconds <= now.Milliseconds)
                Remove(node);
        }
        foreach (var (port, share) in _shares)
        {
            if (share.Answers.Count == 0)
                _shares.Remove(port);
        }
    }

    private void Remove(LinkedListNode<(DnsKey Key, DnsAnswer Answer, DnsShare Share)> node)
    {
        var (key, answer, share) = node.Value;
        _byKey.Remove(key);
        share.Answers.Remove(node);
        share.Cost -= answer.Cost;
        _cost -= answer.Cost;
    }
}
