using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.Outside;

/// <summary>
/// The sockets that keep forwarded ports from every other program, one each (<see cref="PortSocket"/>); they hear nothing. What another
/// program has stays its own, and can be asked for again: one port that is taken keeps no other from being forwarded. A forward that is for
/// one address keeps its port at that address alone. Wide ranges of UDP have no sockets. Used by the control loop alone, but for
/// <see cref="Refused"/>.
/// </summary>
/// <param name="from">What the program before this one has left in this process; left out: there was none.</param>
public sealed class ForwardSockets(Inheritance? from = null) : IDisposable
{
    private readonly Dictionary<ForwardedPort, PortSocket> _taken = [];
    private volatile Dictionary<ForwardedPort, SystemCallException> _refused = [];

    /// <summary>The ports that can't be had now, and why, with who has them. Replaced whole. For any thread.</summary>
    public IReadOnlyDictionary<ForwardedPort, SystemCallException> Refused => _refused;

    /// <summary>How many there are for these forwards.</summary>
    public static long CountOf(IReadOnlyCollection<ForwardedPorts> forwards) =>
        forwards.Where(range => !range.Ports.IsWide).Sum(range => (long)range.Ports.Count);

    /// <summary>Takes those of these ports that it doesn't have yet and can have.</summary>
    /// <param name="forwards">The ports.</param>
    /// <param name="known">The host's addresses and routes, for what is said of a port that is refused; null: they are read when
    /// need be.</param>
    /// <returns>True when it has got some, or others are refused than before.</returns>
    public bool Take(IReadOnlyCollection<ForwardedPorts> forwards, HostIpv4? known = null)
    {
        var host = HostOf(known);
        var (before, refused) = (_taken.Count, new Dictionary<ForwardedPort, SystemCallException>());
        foreach (var port in forwards.Where(range => !range.Ports.IsWide).SelectMany(range => range.Each()))
        {
            try
            {
                if (!_taken.ContainsKey(port))
                    _taken.Add(port, Keep(port, host));
            }
            catch (SystemCallException e)
            {
                refused.TryAdd(port, e);
            }
        }
        var isNews = _taken.Count != before || refused.Count != _refused.Count || refused.Keys.Any(port => !_refused.ContainsKey(port));
        _refused = refused;
        return isNews;
    }

    /// <summary>Takes all of these ports, or none: what can't be had is said, and otherwise nothing is another than before.</summary>
    /// <returns>Why some can't be had; empty: it has them all.</returns>
    public IReadOnlyList<SystemCallException> TakeAll(IReadOnlyCollection<ForwardedPort> ports)
    {
        var host = HostOf(null);
        var (added, refused) = (new List<ForwardedPort>(), new List<SystemCallException>());
        foreach (var port in ports.Where(port => !_taken.ContainsKey(port)))
        {
            try
            {
                _taken.Add(port, Keep(port, host));
                added.Add(port);
            }
            catch (SystemCallException e)
            {
                refused.Add(e);
            }
        }
        if (refused.Count > 0)
            added.ForEach(Release);
        return refused;
    }

    /// <summary>Gives back what isn't one of these: each port that is free now can be any program's at once.</summary>
    public void KeepOnly(IReadOnlySet<ForwardedPort> ports)
    {
        foreach (var gone in _taken.Keys.Where(port => !ports.Contains(port)).ToArray())
            Release(gone);
        if (_refused.Keys.Any(port => !ports.Contains(port)))
            _refused = _refused.Where(one => ports.Contains(one.Key)).ToDictionary();
    }

    /// <summary>Ports of wide ranges that programs of the host serve, the first of each range.</summary>
    public static IReadOnlyList<SystemCallException> TakenOfWide(IReadOnlyCollection<ForwardedPorts> forwards)
    {
        var host = HostOf(null);
        return
        [
            .. forwards.Where(range => range.Ports.IsWide).Select(HostPorts.FirstIn).OfType<ForwardedPort>()
                .Select(port => PortHolders.Refusal(port, host)),
        ];
    }

    /// <summary>Leaves all that it has to the program that goes on in this process.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Leave(Inheritance heir)
    {
        foreach (var (port, socket) in _taken)
            socket.Leave(heir, NameOf(port));
    }

    public void Dispose()
    {
        foreach (var socket in _taken.Values)
            socket.Dispose();
        _taken.Clear();
    }

    private void Release(ForwardedPort port)
    {
        if (_taken.Remove(port, out var socket))
            socket.Dispose();
    }

    /// <summary>Read once, however many ports are refused.</summary>
    private static Lazy<HostIpv4?> HostOf(HostIpv4? known) => new(() => known ?? PortHolders.ReadHost());

    private static string NameOf(ForwardedPort port) => $"forward {port}";

    private PortSocket Keep(ForwardedPort port, Lazy<HostIpv4?> host)
    {
        if (from?.Take(NameOf(port)) is { } left)
            return PortSocket.Inherit(left);
        OpenFiles.RequireRoom(1);
        try
        {
            return PortSocket.Bind(port);
        }
        catch (SystemCallException e) when (e.ErrorNumber == Errno.EADDRINUSE)
        {
            throw PortHolders.Refusal(port, host);
        }
    }
}
