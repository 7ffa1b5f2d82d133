namespace SoftSwitch.Linux.Workers;

/// <content>A worker that is held receives nothing and does what is posted: what comes waits in taps and sockets, for itself or for the
/// program that goes on in this process.</content>
public sealed partial class Worker
{
    /// <summary>Between two looks at the inbox, while it is held.</summary>
    private const int HeldMilliseconds = 1;

    private volatile bool _isHeld;

    /// <summary>Has it receive nothing until it is let go; what is posted it does. When this returns, all that it had begun is sent, and
    /// what comes waits where it is.</summary>
    public void Hold() => PostAndWait(() =>
    {
        var sources = new List<Source>();
        while (_ready.TryTake(out var work))
        {
            if (work is not Source source)
            {
                Serve(work);
                continue;
            }
            Complete(source);
            sources.Add(source);
        }
        foreach (var source in sources.Where(source => _ports.Of(source.Port) == source))
            _ready.Wake(source);
        _isHeld = true;
    });

    /// <summary>Has it receive again.</summary>
    public void LetGo() => _isHeld = false;

    private static void Rest() => Thread.Sleep(HeldMilliseconds);
}
