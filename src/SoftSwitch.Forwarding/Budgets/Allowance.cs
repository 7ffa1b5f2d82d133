using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Budgets;

/// <summary>
/// What may still be taken of a <see cref="Limit"/> with a rate: <see cref="Limit.Most"/> at once, and <see cref="Limit.More"/> more in
/// each <see cref="Limit.Seconds"/>. The only one of its kind: whatever has a rate has one of these, made from its row in
/// <see cref="Limits"/>. Any thread may take, without a lock; a time that is a little behind another's finds that much less.
/// <para>
/// It is one number: the moment from which all of it is there again, in units of which a millisecond has <see cref="Limit.More"/>. What is
/// taken puts that moment off; what would put it off further than all of it takes to come back isn't there.
/// </para>
/// </summary>
public sealed class Allowance(Limit limit)
{
    /// <summary>What one costs: what comes in <see cref="Limit.Seconds"/> is <see cref="Limit.More"/> of these.</summary>
    private readonly long _price = limit.Seconds * 1000L;
    private long _fullAt;

    /// <summary>Takes some; false when there aren't as many left: then none is taken.</summary>
    public bool Take(Instant now, int count = 1)
    {
        var time = TimeOf(now);
        for (var before = Volatile.Read(ref _fullAt); ;)
        {
            var after = long.Max(before, time) + count * _price;
            if (after - time > limit.Most * _price)
                return false;
            var seen = Interlocked.CompareExchange(ref _fullAt, after, before);
            if (seen == before)
                return true;
            before = seen;
        }
    }

    /// <summary>Takes as many as are left, but no more than are wanted.</summary>
    /// <returns>How many.</returns>
    public int TakeUpTo(Instant now, int wanted)
    {
        while (true)
        {
            var left = limit.Most - (long.Max(Volatile.Read(ref _fullAt) - TimeOf(now), 0) + _price - 1) / _price;
            var count = (int)long.Clamp(left, 0, wanted);
            if (count == 0 || Take(now, count))
                return count;
        }
    }

    /// <summary>Nothing of it is used up.</summary>
    public bool IsFull(Instant now) => Volatile.Read(ref _fullAt) <= TimeOf(now);

    /// <summary>Takes all that there is.</summary>
    public void TakeAll(Instant now) => Volatile.Write(ref _fullAt, TimeOf(now) + limit.Most * _price);

    private long TimeOf(Instant now) => now.Milliseconds * limit.More;
}
