using System.Globalization;
using SoftSwitch.Bounds;
using SoftSwitch.Linux;
using SoftSwitch.State;

namespace SoftSwitch.Api.Events;

/// <summary>
/// What has happened lately, for those who follow it.
/// </summary>
/// <remarks>
/// Theory of operation. Nothing in the switch tells events: while somebody follows, what there is is looked at twice a second, as the lists
/// of the API look at it, and what differs from the last look has happened. So events cost forwarding nothing, and nobody who follows, or
/// doesn't read, can hold anything up. What comes and goes between two looks isn't told. Looking takes no more than a part in
/// <see cref="Share"/> of a processor: where there is much to look at, it is looked at less often. The latest
/// <see cref="ProgramLimits.KeptEvents"/> are kept in one ring for all; each reader has a place in it, and who falls out of it is told so.
/// For a while after the last has gone it goes on, so that one who comes back has missed nothing. Any thread.
/// </remarks>
internal sealed class EventBook : IDisposable
{
    /// <summary>Of a processor's time, looking takes not more than a part in so many.</summary>
    private const int Share = 20;

    private const int LookMilliseconds = 500;

    /// <summary>So long it goes on when nobody follows any more.</summary>
    private const int LingerMilliseconds = 30_000;

    private readonly Func<SwitchSnapshot> _look;
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _end = new();
    private readonly EventLine[] _ring = new EventLine[ProgramLimits.KeptEvents.Most];

    /// <summary>Which process's numbers these are.</summary>
    private readonly string _epoch = Environment.TickCount64.ToString("x", CultureInfo.InvariantCulture);

    private TaskCompletionSource _news = New();
    private long _next;
    private int _readers;
    private bool _isLooking;

    /// <param name="look">Gives what there is of the switch now.</param>
    public EventBook(Func<SwitchSnapshot> look) => _look = look;

    /// <summary>Ends with the switch.</summary>
    public CancellationToken End => _end.Token;

    /// <summary>The number of the next event.</summary>
    public long Next => Volatile.Read(ref _next);

    /// <summary>From here on somebody follows, until disposed.</summary>
    public IDisposable Follow()
    {
        lock (_lock)
        {
            _readers++;
            if (!_isLooking)
            {
                _isLooking = true;
                _ = Task.Run(Look);
            }
        }
        return new Reader(this);
    }

    /// <summary>How an event is named to who may come back.</summary>
    public string IdOf(EventLine line) => string.Create(CultureInfo.InvariantCulture, $"{_epoch}-{line.Number}");

    /// <summary>The number behind the event with an id; null: it isn't known any more.</summary>
    public long? After(string id) =>
        id.StartsWith(_epoch + "-", StringComparison.Ordinal)
        && long.TryParse(id.AsSpan(_epoch.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number < Next ? number + 1 : null;

    /// <summary>The events from a number on, and how many before them are gone.</summary>
    public (IReadOnlyList<EventLine> Lines, long Lost) From(long number)
    {
        lock (_lock)
        {
            var first = long.Max(number, _next - _ring.Length);
            return ([.. Range(first, _next).Select(one => _ring[one % _ring.Length])], first - number);
        }

        static IEnumerable<long> Range(long first, long end)
        {
            for (var one = first; one < end; one++)
                yield return one;
        }
    }

    /// <summary>Ends when there are events from a number on, or after a while.</summary>
    public async Task Wait(long number, TimeSpan longest, CancellationToken gone)
    {
        Task news;
        lock (_lock)
        {
            if (number < _next)
                return;
            news = _news.Task;
        }
        await Task.WhenAny(news, Task.Delay(longest, gone));
    }

    public void Dispose() => _end.Cancel();

    private async Task Look()
    {
        var topics = EventTopics.All();
        var idleSince = long.MaxValue;
        while (!_end.IsCancellationRequested)
        {
            var begun = Environment.TickCount64;
            var snapshot = _look();
            List<EventView> seen = [];
            // A look that meets what is just coming or going isn't the last one.
            Bulkhead.Each(topics, topic => topic.Look(snapshot, seen.Add), static (_, _) => { });
            Tell(seen);
            lock (_lock)
            {
                idleSince = _readers > 0 ? long.MaxValue : long.Min(idleSince, begun);
                if (begun - idleSince >= LingerMilliseconds)
                {
                    _isLooking = false;
                    return;
                }
            }
            var took = Environment.TickCount64 - begun;
            await Task.WhenAny(Task.Delay((int)long.Max(LookMilliseconds, took * Share), _end.Token));
        }
    }

    private void Tell(List<EventView> seen)
    {
        if (seen.Count == 0)
            return;
        var now = DateTimeOffset.UtcNow;
        TaskCompletionSource news;
        lock (_lock)
        {
            foreach (var one in seen)
            {
                var told = one with { Time = now };
                _ring[_next % _ring.Length] = new(_next, told, EventView.Members.Json(told));
                _next++;
            }
            (news, _news) = (_news, New());
        }
        news.SetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Reader(EventBook book) : IDisposable
    {
        public void Dispose()
        {
            lock (book._lock)
                book._readers--;
        }
    }
}
