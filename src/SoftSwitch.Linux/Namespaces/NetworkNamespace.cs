using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Keeping;

namespace SoftSwitch.Linux.Namespaces;

/// <summary>A network namespace, held open by a descriptor (namespaces(7), setns(2)).</summary>
/// <remarks>
/// A namespace is a property of a thread, not of the process. So work for another namespace runs on a thread that enters it, does the
/// work and ends; no thread of the pool ever changes its namespace. Sockets, taps and netlink belong for life to the namespace they
/// were opened in, so entering is needed only to open them (<see cref="Open(NetworkNamespace?, Opening, string, Func{int, string?}?,
/// SafeHandle?)"/>): a running switch has that done by its <see cref="Keeper"/>. Any thread may use an instance; entering takes
/// CAP_SYS_ADMIN.
/// </remarks>
public sealed class NetworkNamespace : IDisposable
{
    private const string OwnPath = "/proc/thread-self/ns/net";

    private readonly SafeFileHandle _handle;

    /// <param name="handle">Its descriptor; it goes where that isn't one of a network namespace.</param>
    /// <param name="name">For messages.</param>
    /// <param name="path">Where it was opened, for people.</param>
    private NetworkNamespace(SafeFileHandle handle, string name, string path)
    {
        (_handle, Name) = (handle, name);
        try
        {
            var fd = (int)handle.DangerousGetHandle();
            if (Libc.ioctl(fd, Sched.NS_GET_NSTYPE, 0) != Sched.CLONE_NEWNET)
                throw NotOne(path);
            Identity = IdentityOf(fd, name);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
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

    /// <summary>For who keeps it open across an execution.</summary>
    internal SafeHandle Handle => _handle;

    /// <summary>An unnamed namespace that the program before this one had open.</summary>
    /// <exception cref="ArgumentException">The descriptor is another's.</exception>
    internal static NetworkNamespace Inherit(SafeFileHandle handle) =>
        new(handle, "an unnamed network namespace", "a descriptor of the program before");

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
    public static NetworkNamespace CreateUnnamed()
    {
        const string name = "an unnamed network namespace", wanted = "a new network namespace";
        if (Keeper.Here is { } keeper)
        {
            var what = new Opening(OpeningKind.NewNamespace);
            return new(Opened(keeper, what, keeper.Ask(what, -1, -1, out var made), made, wanted, wanted,
                Remedy.Lacking(Capability.SysAdmin)), name, name);
        }
        return NamespaceThread.Run(static () =>
        {
            if (Libc.unshare(Sched.CLONE_NEWNET) < 0)
                SystemCallException.ThrowLast("unshare", wanted, Remedy.Lacking(Capability.SysAdmin));
            return FromPath(OwnPath, name);
        });
    }

    /// <summary>Opens something in a namespace: itself, or by its keeper, who has one.</summary>
    /// <param name="inside">The namespace; null: the calling thread's.</param>
    /// <param name="what">What.</param>
    /// <param name="subject">What a refusal is about.</param>
    /// <param name="cure">What to do about an errno.</param>
    /// <param name="with">What belongs to it.</param>
    /// <exception cref="SystemCallException">It is refused, or the namespace may not be entered.</exception>
    internal static SafeFileHandle Open(
        NetworkNamespace? inside, Opening what, string subject, Func<int, string?>? cure = null, SafeHandle? with = null)
    {
        var along = with is null ? -1 : (int)with.DangerousGetHandle();
        if (inside is { IsCurrent: false } && Keeper.Here is { } keeper)
            return Opened(keeper, what, keeper.Ask(what, inside.Fd, along, out var opened), opened, subject, inside.Name, cure);
        var result = inside is null ? what.Do(along) : inside.Run(() => what.Do(along));
        return result >= 0 ? new(result, ownsHandle: true)
            : throw new SystemCallException(what.Call, -result, subject, cure?.Invoke(-result));
    }

    /// <summary>Runs <paramref name="work"/> on a thread inside this namespace and returns its result; what it throws, this throws. It
    /// takes the right to enter, which no keeper lends: a switch that runs only has things opened.</summary>
    /// <exception cref="SystemCallException">The namespace may not be entered.</exception>
    public T Run<T>(Func<T> work)
    {
        if (IsCurrent)
            return work();
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

    private bool IsCurrent
    {
        get
        {
            using var current = Current();
            return current.Identity == Identity;
        }
    }

    /// <summary>What a keeper has opened, or why it hasn't.</summary>
    private static SafeFileHandle Opened(Keeper keeper, Opening what, Opened? answer, SafeFileHandle? opened, string subject, string place,
        Func<int, string?>? cure)
    {
        if (answer is { ErrorNumber: 0 } && opened is not null)
            return opened;
        opened?.Dispose();
        if (answer is not { ErrorNumber: var errno, WasInside: var wasInside })
            throw new SystemCallException("setns", Errno.EPERM, place, keeper.Loss);
        if (wasInside != 0)
            throw new SystemCallException(what.Call, errno, subject, cure?.Invoke(errno));
        throw new SystemCallException("setns", errno, place, Remedy.Lacking(Capability.SysAdmin)(errno));
    }

    private static NetworkNamespace FromPath(string path, string name, string? whenMissing = null)
    {
        var fd = NamespaceFile.Open(path);
        if (fd >= 0)
            return new(new SafeFileHandle(fd, ownsHandle: true), name, path);
        if (fd == -Errno.EINVAL)
            throw NotOne(path);
        var errno = -fd;
        // That of a process takes the right to look into it.
        if (errno is Errno.EACCES or Errno.EPERM && Keeper.Here is { } keeper)
        {
            switch (keeper.Ask(new(OpeningKind.NamespaceAt), -1, -1, out var opened, path)?.ErrorNumber)
            {
                case 0 when opened is not null:
                    return new(opened, name, path);
                case Errno.EINVAL:
                    throw NotOne(path);
                case { } refused:
                    errno = refused;
                    break;
                case null:
                    throw new SystemCallException("open", errno, name, keeper.Loss);
            }
        }
        throw new SystemCallException("open", errno, name, errno switch
        {
            Errno.ENOENT => whenMissing ?? "check the path",
            Errno.EACCES or Errno.EPERM => $"{Remedy.Here.Root}, or run it as the user it belongs to",
            _ => null,
        });
    }

    private static ArgumentException NotOne(string path) => new($"{path} is not a network namespace");

    private static unsafe NetworkNamespaceIdentity IdentityOf(int fd, string name)
    {
        Fcntl.statx stat;
        byte empty = 0;
        // SAFETY: both pointers are to locals that outlive the call; struct statx is 256 bytes as the kernel writes it.
        if (Libc.statx(fd, &empty, Fcntl.AT_EMPTY_PATH, Fcntl.STATX_INO, &stat) < 0)
            SystemCallException.ThrowLast("statx", name);
        return new(((ulong)stat.stx_dev_major << 32) | stat.stx_dev_minor, stat.stx_ino);
    }
}
