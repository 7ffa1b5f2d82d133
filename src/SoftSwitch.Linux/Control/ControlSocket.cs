using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Files;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Control;

/// <summary>
/// The Unix socket on which a running switch answers: made here; the server that is given <see cref="Listener"/> accepts from it.
/// </summary>
/// <remarks>
/// Theory of operation. The socket is bound under a private name beside its path, given mode 0660 and the group <c>softswitch</c> where
/// there is one, and only then renamed to its path: at no moment does anyone find it there with wider permissions, and a client finds
/// either the old socket or the new. A socket file that nobody answers on any more is replaced by the rename; one that answers, or
/// something that isn't a socket, is left alone and an error. <see cref="StartLock"/> keeps two starts apart. The socket listens before it
/// has its name: from then on a second start finds the first one, however long that takes for its ports, and clients wait. On exit the name
/// goes first and the socket is closed after, so that we never remove our successor's. Threads: one. Not here: what is spoken on the
/// socket, and refusing clients because of their credentials; only the rule for that is here (<see cref="Admits"/>).
/// </remarks>
public sealed class ControlSocket : IDisposable
{
    /// <summary>Members of this group may use the socket.</summary>
    public const string GroupName = "softswitch";

    /// <summary>Bytes of a path: sun_path of unix(7) without its closing zero.</summary>
    public const int LongestPath = 107;

    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private const UnixFileMode DirectoryMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly ulong _inode;
    private readonly uint _user;
    private readonly string? _madeDirectory;
    private bool _disposed;

    private ControlSocket(string path, Socket listener, Fcntl.statx file, string? madeDirectory)
    {
        Path = path;
        Listener = listener;
        _inode = file.stx_ino;
        _user = Libc.geteuid();
        Group = file.stx_gid;
        _madeDirectory = madeDirectory;
    }

    /// <summary>Where clients connect: an absolute path.</summary>
    public string Path { get; }

    /// <summary>Bound and listening. The server that accepts from it may close it too.</summary>
    public Socket Listener { get; }

    /// <summary>The group of the socket file.</summary>
    public uint Group { get; }

    /// <summary>The effective user id of this process.</summary>
    public static uint CurrentUser => Libc.geteuid();

    /// <summary>Makes the socket, and its directory (0755) if that is missing.</summary>
    /// <exception cref="ControlSocketException">The place is taken or not ours to use; the message names the cure.</exception>
    public static ControlSocket Bind(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        var directory = System.IO.Path.GetDirectoryName(path)
            ?? throw new ControlSocketException($"{path} is a directory; name a file with --socket PATH");
        if (Encoding.UTF8.GetByteCount(path) > LongestPath)
            throw new ControlSocketException(
                $"the socket path {path} is too long: the kernel takes {LongestPath} bytes; choose a shorter one with --socket PATH");
        var madeDirectory = Directory.Exists(directory) ? null : directory;
        using var folder = Open(directory, isMade: madeDirectory is not null);
        try
        {
            using var alone = StartLock.Take(directory, System.IO.Path.GetFileName(path));
            RefuseWhatIsInUse(path);
            return BindAndRename(folder, path, madeDirectory);
        }
        catch (Exception e)
        {
            RemoveDirectory(madeDirectory);
            if (e is IOException and not ControlSocketException)
                throw NotAllowed(path, e.Message);
            throw;
        }
    }

    /// <summary>Keeps the socket open for the program that this process executes next, and says what <see cref="Adopt"/> must be told
    /// there.</summary>
    public string Leave()
    {
        var fd = InheritedDescriptor.Leave(Listener.SafeHandle);
        return string.Create(CultureInfo.InvariantCulture, $"{fd} {(_madeDirectory is null ? "-" : "+")} {Path}");
    }

    /// <summary>Takes over what <see cref="Leave"/> left; null: that isn't the socket.</summary>
    public static ControlSocket? Adopt(string left)
    {
        if (left.Split(' ', 3) is not [var number, var made, var path]
            || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var fd)
            || Libc.fcntl(fd, Fcntl.F_SETFD, Fcntl.FD_CLOEXEC) < 0)
            return null;
        var socket = new Socket(new SafeSocketHandle(fd, ownsHandle: true));
        return new(path, socket, Stat(path) ?? default, made == "+" ? System.IO.Path.GetDirectoryName(path) : null);
    }

    /// <summary>Whoever looks for it at its path finds it there, as far as that can be seen.</summary>
    public bool IsInPlace => Stat(Path) is { } file ? file.stx_ino == _inode
        : Marshal.GetLastPInvokeError() is not (Errno.ENOENT or Errno.ENOTDIR);

    /// <summary>Root, the user this process runs as, and members of the socket's group may speak to the switch.</summary>
    public bool Admits(PeerCredentials peer) => peer.User == 0 || peer.User == _user || peer.IsIn(Group);

    /// <summary>Advice for a user who may not connect to a socket. It names the group only where there is one and the socket belongs to
    /// it.</summary>
    public static string CureForRefused(string path)
    {
        var group = LocalGroup.Find(GroupName);
        // A folder that is closed too doesn't show whose the socket is.
        var isTheirs = group is not null && (Stat(path) is not { } file || file.stx_gid == group);
        var isListed = isTheirs && LocalGroup.Lists(GroupName, Environment.UserName);
        return Remedy.Here.Group(isTheirs ? GroupName : null, Environment.UserName, isListed);
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        using (var folder = FolderPath.Open(System.IO.Path.GetDirectoryName(Path)!, null, out _))
        {
            if (folder is not null && Stat(folder, System.IO.Path.GetFileName(Path)) is { } file && file.stx_ino == _inode)
                _ = Libc.unlinkat((int)folder.DangerousGetHandle(), System.IO.Path.GetFileName(Path), 0);
        }
        Listener.Dispose();
        RemoveDirectory(_madeDirectory);
    }

    /// <summary>Nobody else can put anything in the way: all of it is done in the folder that is open, and mode and group are given to the
    /// very file that was made.</summary>
    private static ControlSocket BindAndRename(SafeFileHandle folder, string path, string? madeDirectory)
    {
        var at = (int)folder.DangerousGetHandle();
        var privateName = string.Create(CultureInfo.InvariantCulture, $".{Environment.ProcessId:x}-{Random.Shared.NextInt64():x}");
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(Inside(folder, privateName)));
            using var made = new SafeFileHandle(
                Libc.openat(at, privateName, Fcntl.O_PATH | Fcntl.O_NOFOLLOW | Fcntl.O_CLOEXEC), ownsHandle: true);
            if (made.IsInvalid || FolderPath.Status(made) is not { } ours
                || (ours.stx_mode & Fcntl.S_IFMT) != Fcntl.S_IFSOCK || ours.stx_uid != CurrentUser)
                throw new ControlSocketException($"the control socket at {path} was exchanged by somebody while it was being made");
            File.SetUnixFileMode(Inside(made), Mode);
            // Someone who isn't root can only give the file to a group of their own; then it keeps the group it has.
            if (LocalGroup.Find(GroupName) is { } group)
                _ = Libc.fchownat((int)made.DangerousGetHandle(), "", uint.MaxValue, group, Fcntl.AT_EMPTY_PATH);
            socket.Listen(MachineLimits.WaitingClients.Most);
            if (Libc.renameat(at, privateName, at, System.IO.Path.GetFileName(path)) != 0)
                throw new ControlSocketException($"cannot put the control socket at {path}: {Marshal.GetLastPInvokeErrorMessage()}; "
                    + "choose another place with --socket PATH");
            return new(path, socket, FolderPath.Status(made) ?? ours, madeDirectory);
        }
        catch (Exception e)
        {
            socket.Dispose();
            _ = Libc.unlinkat(at, privateName, 0);
            if (e is SocketException or IOException and not ControlSocketException or UnauthorizedAccessException)
                throw NotAllowed(path, e.Message);
            throw;
        }
    }

    /// <summary>A path that leads to an open descriptor and nowhere else, for calls that take no descriptor (proc(5)).</summary>
    private static string Inside(SafeFileHandle handle, string name = "") => string.Create(
        CultureInfo.InvariantCulture, $"/proc/self/fd/{handle.DangerousGetHandle()}{(name.Length == 0 ? "" : "/")}{name}");

    private static void RefuseWhatIsInUse(string path)
    {
        if (Stat(path) is not { } file)
            return;
        if ((file.stx_mode & Fcntl.S_IFMT) != Fcntl.S_IFSOCK)
            throw new ControlSocketException(
                $"{path} exists and is not a socket; move it away, or choose another place with --socket PATH");
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            throw NotAllowed(path, "permission denied");
        }
        catch (SocketException)
        {
            // A listener whose queue is full, or that is busy: somebody is there.
        }
        throw new ControlSocketException(
            $"another softswitch answers on {path}{Answerer(probe)}; end it, or choose another place with --socket PATH");
    }

    /// <summary>The process that began to listen at the other end, in parentheses; with its name where that isn't ours. Empty: not
    /// known.</summary>
    private static string Answerer(Socket connected)
    {
        try
        {
            // A process of another pid namespace is 0 here.
            var pid = PeerCredentials.Of(connected).Process;
            var name = File.ReadAllText($"/proc/{pid}/comm").TrimEnd('\n');
            return name == "softswitch" ? $" (process {pid})" : $" (process {pid}, {name})";
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static SafeFileHandle Open(string directory, bool isMade)
    {
        var folder = FolderPath.Open(directory, isMade ? (int)DirectoryMode : null, out var errno);
        try
        {
            // The umask may have narrowed it, and then the group could not reach the socket.
            if (folder is not null && isMade)
                File.SetUnixFileMode(Inside(folder), DirectoryMode);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            folder?.Dispose();
            folder = null;
        }
        return folder ?? throw (errno == Errno.ELOOP
            ? new ControlSocketException($"a symbolic link of another user is on the way to {directory}: name the folder that it leads to")
            : NotAllowed(directory, isMade ? "the directory cannot be made" : Marshal.GetPInvokeErrorMessage(errno)));
    }

    private static void RemoveDirectory(string? directory)
    {
        try
        {
            if (directory is not null)
                Directory.Delete(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Someone put something into it: then it is theirs.
        }
    }

    private static ControlSocketException NotAllowed(string path, string reason) =>
        new($"cannot make the control socket at {path}: {reason.TrimEnd('.')}; {Remedy.Here.Root}, "
            + "or choose a place of your own with --socket PATH");

    private static Fcntl.statx? Stat(string path) => Stat(Fcntl.AT_FDCWD, path);

    private static Fcntl.statx? Stat(SafeFileHandle folder, string name) => Stat((int)folder.DangerousGetHandle(), name);

    private static Fcntl.statx? Stat(int folder, string path) =>
        Libc.statx(folder, path, Fcntl.AT_SYMLINK_NOFOLLOW, Fcntl.STATX_BASIC_STATS, out var file) == 0 ? file : null;
}
