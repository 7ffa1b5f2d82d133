using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Namespaces;

/// <summary>A network namespace, held open by a descriptor (namespaces(7), setns(2)).</summary>
/// <remarks>
/// A namespace is a property of a thread, not of the process. So work for another namespace runs on a thread that enters it, does the
/// work and ends; no thread of the pool ever changes its namespace. Sockets, taps and netlink belong for life to the namespace they
/// were opened in, so entering is needed only to open them. Any thread may use an instance; entering takes CAP_SYS_ADMIN.
/// </remarks>
public sealed class NetworkNamespace : IDisposable
{
    private const string OwnPath = "/proc/thread-self/ns/net";

    private readonly SafeFileHandle _handle;

    private NetworkNamespace(SafeFileHandle handle, string name, NetworkNamespaceIdentity identity)
    {
        _handle = handle;
        Name = name;
        Identity = identity;
    }

    /// <summary>The name it was opened by, for messages.</summary>
    public string Name { get; }

    /// <summary>Equal for two instances of the same namespace.</summary>
    public NetworkNamespaceIdentity Identity { get; }

    /// <summary>The descriptor, valid until this is disposed.</summary>
    public int Fd
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
            return (int)_handle.DangerousGetHandle();
        }
    }

    /// <summary>The namespace of the calling thread.</summary>
    public static NetworkNamespace Current() => FromPath(OwnPath, "the current network namespace");

    /// <summary>Opens a namespace by name (as <c>ip netns</c> has it), by path, or by the decimal pid of a process in it.</summary>
    /// <exception cref="SystemCallException">It isn't there, or may not be opened.</exception>
    /// <exception cref="ArgumentException">The text can't name a namespace, or names something else.</exception>
    public static NetworkNamespace Open(string nameOrPathOrPid)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(nameOrPathOrPid);
        if (nameOrPathOrPid.Contains('\0') || nameOrPathOrPid is "." or "..")
            throw new ArgumentException($"'{nameOrPathOrPid.Replace("\0", "\\0")}' is not the name of a network namespace");
        var path = PathOf(nameOrPathOrPid);
        if (nameOrPathOrPid.Contains('/'))
            return FromPath(path, nameOrPathOrPid);
        if (nameOrPathOrPid.AsSpan().IndexOfAnyExceptInRange('0', '9') >= 0)
            return FromPath(path, $"network namespace {nameOrPathOrPid}", $"make it with: ip netns add {nameOrPathOrPid}");
        return FromPath(path, $"network namespace of process {nameOrPathOrPid}", "no process has this pid now");
    }

    /// <summary>Where the file of a namespace is that is named like that.</summary>
    internal static string PathOf(string nameOrPathOrPid) => nameOrPathOrPid.Contains('/') ? nameOrPathOrPid
        : nameOrPathOrPid.AsSpan().IndexOfAnyExceptInRange('0', '9') >= 0 ? $"/run/netns/{nameOrPathOrPid}"
        : $"/proc/{nameOrPathOrPid}/ns/net";

    /// <summary>
    /// A new namespace without a name. It lives as long as this descriptor, or a socket or an interface's descriptor opened in it,
    /// so that it goes, with every interface in it, when the process ends for any reason.
    /// </summary>
    public static NetworkNamespace CreateUnnamed() => NamespaceThread.Run(static () =>
    {
        if (Libc.unshare(Sched.CLONE_NEWNET) < 0)
            SystemCallException.ThrowLast("unshare", "a new network namespace", Remedy.Lacking(Capability.SysAdmin));
        return FromPath(OwnPath, "an unnamed network namespace");
    });

    /// <summary>Runs <paramref name="work"/> on a thread inside this namespace and returns its result; what it throws, this
    /// throws.</summary>
    /// <exception cref="SystemCallException">The namespace may not be entered.</exception>
    public T Run<T>(Func<T> work)
    {
        using (var current = Current())
        {
            if (current.Identity == Identity)
                return work();
        }
        return NamespaceThread.Run(() =>
        {
            if (Libc.setns(Fd, Sched.CLONE_NEWNET) < 0)
                SystemCallException.ThrowLast("setns", Name, Remedy.Lacking(Capability.SysAdmin));
            return work();
        });
    }

    /// <summary>Runs <paramref name="work"/> on a thread inside this namespace; what it throws, this throws.</summary>
    public void Run(Action work) => Run(() =>
    {
        work();
        return 0;
    });

    public void Dispose() => _handle.Dispose();

    public override string ToString() => Name;

    private static unsafe NetworkNamespace FromPath(string path, string name, string? whenMissing = null)
    {
        // Non-blocking, so that a path to a FIFO is refused instead of waited on.
        var fd = Libc.open(path, Fcntl.O_RDONLY | Fcntl.O_CLOEXEC | Fcntl.O_NONBLOCK);
        if (fd < 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            throw new SystemCallException("open", errno, name, errno switch
            {
                Errno.ENOENT => whenMissing ?? "check the path",
                Errno.EACCES or Errno.EPERM => $"{Remedy.Here.Root}, or run it as the user it belongs to",
                _ => null,
            });
        }
        var handle = new SafeFileHandle(fd, ownsHandle: true);
        try
        {
            if (Libc.ioctl(fd, Sched.NS_GET_NSTYPE, 0) != Sched.CLONE_NEWNET)
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{path} is not a network namespace"));
            Fcntl.statx stat;
            byte empty = 0;
            // SAFETY: both pointers are to locals that outlive the call; struct statx is 256 bytes as the kernel writes it.
            if (Libc.statx(fd, &empty, Fcntl.AT_EMPTY_PATH, Fcntl.STATX_INO, &stat) < 0)
                SystemCallException.ThrowLast("statx", name);
            return new(handle, name, new(((ulong)stat.stx_dev_major << 32) | stat.stx_dev_minor, stat.stx_ino));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }
}
