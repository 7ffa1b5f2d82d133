namespace SoftSwitch.Linux.Workers;

/// <content>A worker that is held receives nothing and does what is posted: what comes waits in taps and sockets, for itself or for the
/// program that goes on in this process.</content>
public sealed partial class Worker
{
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

    /// <summary>Has it receive again, and look at each port once: what a port has for it needn't be in a descriptor.</summary>
    public void LetGo() => Post(() =>
    {
        foreach (var source in _ports.All)
            _ready.Wake(source);
        _isHeld = false;
    });

    private void Rest() => _ports.AwaitWake();
}
