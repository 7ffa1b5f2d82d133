using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Namespaces;

/// <summary>
/// The network namespace that a port's <c>netns</c> names. A name or a path is opened whenever the port is: what has it then is meant, but
/// the switch's own namespace never instead of another. A pid is given away again when its process has ended, so a process is looked up
/// once. From then on it is known by the moment it began, its namespace by its identity, and no other is ever opened. One that is found in
/// the switch's own namespace isn't meant: a file that is older than a process tells its pid when that is somebody else's. Nothing is held
/// open meanwhile: the namespace goes with its processes and names. One thread at a time.
/// </summary>
public sealed class NamedNamespace
{
    private readonly string _name;
    private readonly string _path;
    private NamedProcess[] _processes = [];
    private NetworkNamespaceIdentity? _found;
    private bool _isElsewhere;

    /// <summary>Looks the process up where the name says one. Nobody who gets its pid later is meant.</summary>
    /// <param name="name">A name (as <c>ip netns</c> has it), an absolute path, or the decimal pid of a process.</param>
    public NamedNamespace(string name)
    {
        _name = name;
        _path = NetworkNamespace.PathOf(name);
        if (ProcessPath.Find(_path, out var byLink).Count == 0 || byLink)
            return;
        try
        {
            Open().Dispose();
        }
        catch (Exception e) when (e is SystemCallException or ArgumentException)
        {
            // Opening it later meets the same, and says it.
        }
    }

    /// <summary>Whether a name says a process by its pid: its namespace is its business, and reading it takes the right to trace
    /// it.</summary>
    public static bool IsOfProcess(string name) => ProcessPath.Find(NetworkNamespace.PathOf(name), out _).Count > 0;

    /// <exception cref="SystemCallException">It isn't there, or its process has ended.</exception>
    /// <exception cref="ArgumentException">It is another than it was.</exception>
    public NetworkNamespace Open()
    {
        var folders = ProcessPath.Find(_path, out _);
        // A link may lead to another process now, which is looked up then.
        if (!folders.SequenceEqual(_processes.Select(process => process.Folder)))
            (_processes, _found) = ([.. folders.Select(NamedProcess.LookUp)], null);
        RequireProcesses();
        RequireInSight();
        var space = NetworkNamespace.Open(_name);
        try
        {
            // Now it is certain whose it is: had a process ended before, another would have the pid.
            RequireProcesses();
            RequireSame(space.Identity);
            return space;
        }
        catch
        {
            space.Dispose();
            throw;
        }
    }

    /// <summary>Behind the root of a process whom the switch may not look into, nobody tells whose a pid is. Its keeper, who may, would
    /// open what is anybody's.</summary>
    private void RequireInSight()
    {
        if (_processes.Length > 0 && Libc.access(Path.GetDirectoryName(_path)!, Fcntl.F_OK) < 0
            && Marshal.GetLastPInvokeError() == Errno.EACCES)
            throw new ArgumentException($"netns {_name}: a running switch doesn't see who is there: write /proc/PID/ns/net, or give the "
                + "namespace a name (ip netns attach NAME PID)");
    }

    private void RequireSame(NetworkNamespaceIdentity identity)
    {
        if (_processes is [.., var last] && _found is { } found && identity != found)
            throw new ArgumentException($"process {last.Number} has gone to another network namespace than it was found in");
        using var own = NetworkNamespace.Current();
        if (identity == own.Identity && _processes is [.., var process] && !process.IsForGood)
            throw new ArgumentException($"process {process.Number} is in the switch's own network namespace, so it is hardly the one that "
                + "is meant: name one that lives, and start anew; where the host is meant, leave netns out");
        if (identity == own.Identity && _isElsewhere)
            throw new ArgumentException($"netns {_name} leads to the switch's own network namespace now, and led to another before");
        (_found, _isElsewhere) = (identity, identity != own.Identity);
    }

    private void RequireProcesses() => Array.ForEach(_processes, process => process.Require());
}
