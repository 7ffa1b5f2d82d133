using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Children;
using SoftSwitch.Linux.Interop;
using static SoftSwitch.Linux.Interop.SysSocket;

namespace SoftSwitch.Linux.Keeping;

/// <summary>
/// The keeper of rights: a second process of this program, which has those that a running switch gives up and a change may need. It opens
/// what the switch asks for (<see cref="Opening"/>), hands the descriptor over, and does nothing else: no frame, no name of the network and
/// no file of anybody passes through it. It belongs to one switch, and ends when that has ended for any reason: its socket says so, and, as
/// somebody else may hold a copy of that, the kernel does of the process (pidfd_open(2); the signal at a parent's death comes already with
/// the end of the thread that made us, which an execution in place ends).
/// <para>
/// It has one thread, which enters a namespace, opens something there and comes back; should it not find back, it ends. Questions are
/// answered in turn. Whoever has taken the switch over can have all that can be asked, and no more.
/// </para>
/// </summary>
public static unsafe class KeeperProgram
{
    /// <summary>The command line: this word, and the switch's pid, which is for people who see it in a list of processes.</summary>
    public const string Word = "keeper";

    /// <summary>Of a question: the opening, and a path.</summary>
    private const int QuestionSize = 16 + PathMax;

    private const int PathMax = 4096;

    private const string OwnNamespace = "/proc/thread-self/ns/net";

    /// <summary>Serves until the switch has ended.</summary>
    /// <param name="pid">The switch's.</param>
    /// <returns>False: no switch has started it.</returns>
    public static bool Run(int pid)
    {
        ChildManners.Take("softswitch-keep\0"u8);
        using var socket = new ChildSocket(new(ChildStart.SocketNumber, ownsHandle: true));
        using var life = Libc.pidfd_open(pid) is var number and >= 0 ? new SafeFileHandle(number, ownsHandle: true) : null;
        return Serve(socket, life);
    }

    /// <summary>Answers questions until nobody asks any more. The calling thread enters and leaves namespaces.</summary>
    /// <param name="life">Readable when the switch has ended; null: only the socket tells.</param>
    /// <returns>False: nobody was there to begin with.</returns>
    internal static bool Serve(ChildSocket socket, SafeFileHandle? life)
    {
        using var home = new SafeFileHandle(Libc.open(OwnNamespace, Fcntl.O_RDONLY | Fcntl.O_CLOEXEC), ownsHandle: true);
        if (!Say(socket, Opened.Of(0)))
            return false;
        var question = new byte[QuestionSize];
        Span<int> descriptors = stackalloc int[ChildSocket.MostDescriptors];
        while (IsAsked(socket, life))
        {
            var length = socket.Receive(question, descriptors);
            var (opened, descriptor) = length == 0 ? (default, -1)
                : Answer(question.AsSpan(0, length), descriptors, (int)home.DangerousGetHandle());
            ChildSocket.Close(descriptors);
            var isHeard = length > 0 && Say(socket, opened, descriptor);
            ChildSocket.Close(descriptor);
            if (!isHeard)
                break;
        }
        return true;
    }

    private static bool Say(ChildSocket socket, Opened opened, int descriptor = -1) =>
        socket.Send(MemoryMarshal.AsBytes(new Span<Opened>(ref opened)), descriptor);

    /// <summary>Waits for a question; false: the switch has ended.</summary>
    private static bool IsAsked(ChildSocket socket, SafeFileHandle? life)
    {
        var polls = stackalloc Libc.pollfd[2];
        polls[0] = new() { fd = socket.Fd, events = Libc.POLLIN };
        polls[1] = new() { fd = life is null ? -1 : (int)life.DangerousGetHandle(), events = Libc.POLLIN };
        while (Libc.poll(polls, 2, -1) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Errno.EINTR)
                return false;
        }
        return polls[1].revents == 0;
    }

    private static (Opened Opened, int Descriptor) Answer(ReadOnlySpan<byte> question, ReadOnlySpan<int> descriptors, int home)
    {
        if (Read(question, descriptors, out var path) is not { } what)
            return (new(Errno.EINVAL), -1);
        var result = what.Kind switch
        {
            OpeningKind.NamespaceAt => NamespaceFile.Open(path!),
            OpeningKind.Bind => Bind(what, descriptors[0]),
            OpeningKind.NewNamespace => Libc.unshare(Sched.CLONE_NEWNET) < 0 ? -Marshal.GetLastPInvokeError() : MadeNamespace(home),
            _ when Libc.setns(descriptors[0], Sched.CLONE_NEWNET) < 0 => Refused,
            _ => Back(what.Do(descriptors[1]), home),
        };
        return result == Refused ? (new(Marshal.GetLastPInvokeError(), WasInside: 0), -1)
            : (Opened.Of(result), what.Kind == OpeningKind.Bind ? -1 : int.Max(-1, result));
    }

    /// <summary>No errno: the namespace wasn't entered.</summary>
    private const int Refused = int.MinValue;

    /// <summary>What is asked; null: nothing that a switch asks.</summary>
    /// <param name="path">Where a path belongs to it.</param>
    internal static Opening? Read(ReadOnlySpan<byte> question, ReadOnlySpan<int> descriptors, out string? path)
    {
        path = null;
        if (question.Length < sizeof(Opening))
            return null;
        var what = MemoryMarshal.Read<Opening>(question);
        var rest = question[sizeof(Opening)..];
        var given = 0;
        foreach (var descriptor in descriptors)
            given += descriptor < 0 ? 0 : 1;
        if (!what.IsOurs || given != what.Descriptors)
            return null;
        if (what.Kind != OpeningKind.NamespaceAt)
            return rest.IsEmpty ? what : null;
        if (rest.IsEmpty || rest.Length >= PathMax || rest[0] != '/' || rest.Contains((byte)0))
            return null;
        path = Encoding.UTF8.GetString(rest);
        return what;
    }

    private static int MadeNamespace(int home) => Back(NamespaceFile.Open(OwnNamespace), home);

    private static int Back(int result, int home)
    {
        if (Libc.setns(home, Sched.CLONE_NEWNET) < 0)
            Environment.Exit(1);
        return result;
    }

    private static int Bind(Opening what, int socket)
    {
        int domain, length = sizeof(int);
        return Libc.getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, (uint*)&length) < 0 || domain != AF_INET
            ? -Errno.EINVAL : what.Do(socket);
    }
}
