using SoftSwitch.Linux;

namespace SoftSwitch.State.Ports;

/// <summary>
/// Asks the kernel what it has dropped at ports, on its way to the switch and on its way from there. That costs two to four calls and a
/// lock of the kernel's a port: a few are asked for each second, and all when somebody reads their counters, who finds them new with the
/// next look. Used by the control loop alone, but for <see cref="PollSoon"/>.
/// </summary>
/// <param name="ports">The ports that live.</param>
/// <param name="post">Runs an action on the control loop.</param>
/// <param name="failed">Told for which port that can't be asked, and why: it goes on.</param>
internal sealed class KernelDropPolling(Func<PortState[]> ports, Action<Action> post, Action<PortState, Exception> failed)
{
    /// <summary>Ports that are asked about each second, whatever they do.</summary>
    private const int PortsPerSecond = 64;

    private uint _polled;
    private int _isAsked;

    /// <summary>About once a second.</summary>
    public void Tick() => Poll(PortsPerSecond);

    /// <summary>Somebody wants to know the drops of all ports. For any thread.</summary>
    public void PollSoon()
    {
        if (ports().Length <= PortsPerSecond || Interlocked.Exchange(ref _isAsked, 1) != 0)
            return;
        post(() =>
        {
            Volatile.Write(ref _isAsked, 0);
            Poll(int.MaxValue);
        });
    }

    /// <summary>Begins behind those that were asked about last.</summary>
    private void Poll(int most)
    {
        var all = ports();
        var count = int.Min(all.Length, most);
        var first = _polled;
        _polled += (uint)count;
        Bulkhead.Each(Enumerable.Range(0, count).Select(i => all[(int)((first + (uint)i) % (uint)all.Length)]), Ask, failed);
    }

    private static void Ask(PortState state)
    {
        try
        {
            state.PollKernelDrops();
        }
        catch (SystemCallException)
        {
            // Its interface or namespace is on its way out, which the port hears by news.
        }
    }
}
