using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Logging;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State.Nat;

/// <summary>
/// Forwarded ports of the host's address that a program of the host has. They stay the program's: nothing is forwarded from there, and what
/// comes to them is the host's. They are asked for again, less and less often, and forwarded when they are free. Used by the control loop
/// alone.
/// </summary>
/// <param name="ports">Takes them.</param>
/// <param name="targets">Are told which lead nowhere.</param>
/// <param name="host">What is known of the host now; null: nothing yet. It isn't read for each try.</param>
/// <param name="name">The network that they are told of.</param>
/// <param name="log">Told who has them, and when they are free.</param>
internal sealed class AwaitedPorts(SharedPorts ports, ForwardTargets targets, Func<HostIpv4?> host, string name, ISwitchLog log)
{
    /// <summary>Ports that a line names.</summary>
    private const int MostNamed = 5;

    private readonly RetryPace _pace = new();
    private readonly List<string> _free = [];

    /// <summary>Others are forwarded than the guard, the wire and the way to the host know of.</summary>
    public bool HasNews { get; private set; }

    /// <summary>About once a second.</summary>
    public void Tick(Instant now)
    {
        if (ports.Sockets.Refused.Count > 0 && now.Milliseconds >= _pace.Next)
            Take(now);
    }

    /// <summary>Takes those that can be had, and tells of those that can't.</summary>
    public void Take(Instant now)
    {
        var before = ports.Sockets.Refused;
        _pace.Failed(now.Milliseconds);
        if (!ports.Take(host()))
            return;
        HasNews = true;
        var refused = ports.Sockets.Refused;
        targets.TakenByPrograms = [.. refused.Keys];
        targets.Renew();
        Tell(LogLevel.Warning, [.. refused.Where(one => !before.ContainsKey(one.Key)).Select(one => one.Value.Message)],
            "; until then that is the host's");
        _free.AddRange(before.Keys.Where(port => !refused.ContainsKey(port))
            .Select(port => $"forward {port}"));
    }

    /// <summary>All know of them, so from now on they are forwarded: that is told only now.</summary>
    public void Used()
    {
        HasNews = false;
        Tell(LogLevel.Info, [.. _free], " has its port now");
        _free.Clear();
    }

    private void Tell(LogLevel level, string[] some, string what)
    {
        if (some.Length > 0)
            log.News(LogSubject.OfNetwork(name), level, string.Join("; ", some.Take(MostNamed))
                + (some.Length > MostNamed ? $"; and {some.Length - MostNamed} ports more" : "") + what);
    }
}
