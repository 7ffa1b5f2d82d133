using SoftSwitch.Forwarding.Budgets;

namespace SoftSwitch.Logging;

/// <summary>
/// Decides which news is told. Of each subject, some lines pass at once and another after a while (<see cref="Limits.News"/>);
/// what comes faster is held back, but for the last of it, which is told when the subject has been quiet for a while, or after a time that
/// doubles from one to the next while it isn't:
/// <code>
/// news   | | | | | | ||||||||||||||||              |
/// told   | | | | |                      | + 16     |
/// </code>
/// So a container that flaps its link costs a few lines, the last state of a port is always told in the end, and nobody else's news is
/// lost. Pure, with the time passed in; the caller locks.
/// </summary>
internal sealed class NewsLimiter
{
    /// <summary>The first hold, and the shortest quiet that ends one.</summary>
    public const int ShortestHold = 2_000;

    public const int LongestHold = 32_000;

    /// <summary>
    /// Subjects are ports, networks and other things of the configuration. Should there be more all the same, quiet ones are forgotten.
    /// </summary>
    private const int RememberedWithoutLooking = 1024;

    private readonly Dictionary<string, NewsSubject> _subjects = [];
    private readonly PriorityQueue<NewsSubject, (long Due, long Order)> _holding = new();
    private long _order;
    private int _lookAt = RememberedWithoutLooking;

    /// <summary>
    /// True: to be told now. False: it is held, and comes out of <see cref="TakeDue"/> unless newer news of its subject does.
    /// </summary>
    public bool Admits(LogLine line, long now)
    {
        var subject = SubjectOf(line.Subject!.Name, now);
        if (subject.Held > 0)
        {
            subject.Hold(line, now);
            return false;
        }
        if (subject.TryPass(now))
            return true;
        subject.Hold(line, now);
        _holding.Enqueue(subject, (subject.Due, _order++));
        return false;
    }

    /// <summary>
    /// The moment before which no <see cref="TakeDue"/> has anything; null: nothing is held. More news of a subject puts its line off,
    /// which is found out when the line's turn comes, not before: so a wake costs what is due, however many subjects are held.
    /// </summary>
    public long? NextDue => _holding.TryPeek(out _, out var next) ? next.Due : null;

    /// <summary>Takes the lines whose hold has ended.</summary>
    public List<LogLine> TakeDue(long now) => Take(now, now);

    /// <summary>Takes all that is held, at the end.</summary>
    public List<LogLine> TakeAll(long now) => Take(long.MaxValue, now);

    private List<LogLine> Take(long until, long now)
    {
        List<LogLine> due = [];
        while (_holding.TryPeek(out var subject, out var next) && next.Due <= until)
        {
            if (subject.Due <= until)
            {
                _holding.Dequeue();
                due.Add(subject.Release(now));
            }
            else
            {
                _holding.DequeueEnqueue(subject, (subject.Due, _order++));
            }
        }
        return due;
    }

    private NewsSubject SubjectOf(string name, long now)
    {
        if (_subjects.TryGetValue(name, out var subject))
            return subject;
        if (_subjects.Count >= _lookAt)
        {
            foreach (var (old, _) in _subjects.Where(pair => pair.Value.IsQuiet(now)).ToList())
                _subjects.Remove(old);
            _lookAt = int.Max(RememberedWithoutLooking, _subjects.Count * 2);
        }
        _subjects.Add(name, subject = new());
        return subject;
    }
}
