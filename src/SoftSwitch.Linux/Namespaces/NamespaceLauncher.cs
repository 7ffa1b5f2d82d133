using System.Collections;
using System.Runtime.InteropServices;
using System.Text;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Namespaces;

/// <summary>Runs this program again, as root of a new user namespace with a new, empty network namespace (user_namespaces(7)). An ordinary
/// user may, where the machine allows it.</summary>
/// <remarks>
/// A process with threads, as every .NET one, can't enter a user namespace (unshare(2): EINVAL); its child can be born in one. The
/// child waits on a pipe until this process has written its maps (our user and group become 0, no others exist), and then executes the
/// program. What it waits for is the program's path: should we die first, it reads nothing and executes nothing.
/// SIGINT, SIGTERM, SIGHUP and SIGQUIT to us go on to the program; from a terminal it has them too, so that it sees them twice. Should
/// we be killed, it gets SIGTERM. Not here: whether the namespace is worth something. AppArmor (Ubuntu) may give its root no
/// capabilities; the program finds that at its first network call, with EPERM.
/// </remarks>
public static unsafe class NamespaceLauncher
{
    private const int PipeBuf = 4096;

    /// <summary>Runs this program with other arguments, and returns when it has ended. The calling thread waits.</summary>
    /// <param name="args">Its arguments, without its own name.</param>
    /// <param name="environment">Variables to set or replace; the others it inherits.</param>
    /// <exception cref="SystemCallException">It was allowed, but something else went wrong, such as that the program is gone.</exception>
    public static LaunchResult RunSelf(IReadOnlyList<string> args, IReadOnlyDictionary<string, string> environment)
    {
        Ucontext libc;
        try
        {
            libc = new();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return LaunchResult.NotAllowed(Errno.ENOSYS,
                "this C library can't start a program in new namespaces: use a system with the GNU C library, "
                + "or: unshare --user --map-root-user --net");
        }
        var self = OwnProgram.Words;
        var path = self[0];
        using var steps = new NativeSteps(libc);
        using var release = new Pipe();
        using var failure = new Pipe();
        var pathBytes = Encoding.UTF8.GetBytes(path);
        if (pathBytes.Length >= PipeBuf)
            throw new SystemCallException("execve", Errno.ENAMETOOLONG, path);
        var pid = Clone(libc, steps, release, failure, steps.Strings([.. self, .. args]), steps.Strings(Merged(environment)));
        if (pid < 0)
            return LaunchResult.NotAllowed(-pid, NamespaceRefusal.Reason(-pid));
        failure.CloseWriter();
        release.CloseReader();
        if (WriteMaps(pid) is var errno and not 0)
        {
            release.CloseWriter();
            Reap(pid);
            return LaunchResult.NotAllowed(errno,
                $"the user namespace got no user: writing its maps failed ({ErrnoName.Of(errno)}); "
                + $"{Remedy.Here.Root}, or start it without file capabilities on {path}");
        }
        using var signals = new ForwardedSignals(pid);
        release.Write(pathBytes);
        release.CloseWriter();
        var execErrno = failure.ReadInt32();
        signals.WaitForEnd();
        var status = Reap(pid);
        return execErrno is { } refused ? throw new SystemCallException("execve", refused, path) : LaunchResult.Ended(status);
    }

    private static int Clone(Ucontext libc, NativeSteps steps, Pipe release, Pipe failure, byte** argv, byte** envp)
    {
        // SAFETY: all of these are unmanaged memory of the steps, which outlive the call; the child has copies.
        var path = (nint)steps.Allocate(PipeBuf);
        var everything = steps.Allocate(Ucontext.SigsetSize);
        var before = steps.Allocate(Ucontext.SigsetSize);
        new Span<byte>(everything, Ucontext.SigsetSize).Fill(0xff);
        steps.Push("_exit", 127);
        steps.Push("write", failure.Writer, (nint)libc.__errno_location(), sizeof(int));
        steps.Push("execve", path, (nint)argv, (nint)envp);
        // Until there the child must not run a handler of the runtime: its signal pipe is ours too.
        libc.pthread_sigmask(SysProcess.SIG_SETMASK, everything, before);
        try
        {
            steps.Push("signal", SysProcess.SIGTERM);
            steps.Push("read", release.Reader, path, PipeBuf - 1);
            steps.Push("close", release.Writer);
            steps.Push("prctl", SysProcess.PR_SET_PDEATHSIG, SysProcess.SIGTERM);
            return steps.Clone(Sched.CLONE_NEWUSER | Sched.CLONE_NEWNET | SysProcess.SIGCHLD);
        }
        finally
        {
            libc.pthread_sigmask(SysProcess.SIG_SETMASK, before, null);
        }
    }

    private static int WriteMaps(int pid)
    {
        foreach (var (file, text) in (ReadOnlySpan<(string, string)>)
            [("setgroups", "deny"), ("uid_map", $"0 {Libc.geteuid()} 1"), ("gid_map", $"0 {Libc.getegid()} 1")])
        {
            var fd = Libc.open($"/proc/{pid}/{file}", Fcntl.O_WRONLY | Fcntl.O_CLOEXEC);
            if (fd < 0)
                return Marshal.GetLastPInvokeError();
            var bytes = Encoding.ASCII.GetBytes(text);
            fixed (byte* start = bytes)
            {
                var written = Libc.write(fd, start, (nuint)bytes.Length);
                var errno = Marshal.GetLastPInvokeError();
                _ = Libc.close(fd);
                if (written < 0)
                    return errno;
            }
        }
        return 0;
    }

    private static int Reap(int pid)
    {
        int status;
        while (Libc.waitpid(pid, &status, 0) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Errno.EINTR)
                SystemCallException.ThrowLast("waitpid", $"process {pid}");
        }
        return (status & 0x7f) == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f);
    }

    private static List<string> Merged(IReadOnlyDictionary<string, string> more)
    {
        var all = new List<string>();
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            if (!more.ContainsKey((string)entry.Key))
                all.Add($"{entry.Key}={entry.Value}");
        }
        all.AddRange(more.Select(one => $"{one.Key}={one.Value}"));
        return all;
    }
}
