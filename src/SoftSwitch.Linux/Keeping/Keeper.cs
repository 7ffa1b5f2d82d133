using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Children;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Privileges;

namespace SoftSwitch.Linux.Keeping;

/// <summary>
/// The switch's side of its <see cref="KeeperProgram"/>, which is the same for the first program and for the one that follows it in this
/// process. Any thread may ask; questions are answered one at a time. One that isn't answered in ten seconds is the last.
/// </summary>
public sealed class Keeper : IDisposable
{
    private const int AnswerMilliseconds = 10_000;

    /// <summary>Between looks for its end, and how many.</summary>
    private const int EndMilliseconds = 5, EndLooks = 100;

    /// <summary>What a live change may take and a running switch doesn't keep.</summary>
    private static readonly Capability[] s_given = [Capability.NetBindService, Capability.SysPtrace, Capability.SysAdmin];

    /// <summary>And what opening takes beside that.</summary>
    private static readonly Capability[] s_kept = [Capability.NetAdmin, Capability.NetRaw, .. s_given];

    private readonly Lock _lock = new();
    private readonly ChildSocket _socket;
    private readonly int _pid;
    private readonly Capability[] _rights;
    private bool _isGone, _isTold;

    private Keeper(ChildSocket socket, int pid, Capability[] rights) => (_socket, _pid, _rights) = (socket, pid, rights);

    /// <summary>This process's; null: it has none, and opens for itself what it may.</summary>
    public static Keeper? Here { get; private set; }

    private static string OwnPid => Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    /// <summary>In words that follow a sentence, for who was refused.</summary>
    public string Loss => string.Create(CultureInfo.InvariantCulture,
        $"the keeper of its rights, process {_pid}, has ended: start softswitch anew");

    /// <summary>It ended by itself.</summary>
    public bool IsGone
    {
        get
        {
            lock (_lock)
                return _isGone = _isGone || (_socket.Poll(0) & (Libc.POLLHUP | Libc.POLLERR)) != 0;
        }
    }

    /// <summary>Starts one, where this process has what it is for. <see cref="Settle"/> says whether it has come.</summary>
    /// <exception cref="SystemCallException">It can't be started.</exception>
    public static void Start()
    {
        Capability[] rights = [.. s_kept.Where(Capabilities.Has)];
        if (!rights.Intersect(s_given).Any())
            return;
        var (ours, its) = ChildSocket.Pair("the keeper of rights");
        using (its)
            Here = new(ours, ChildStart.Start(its, rights, KeeperProgram.Word, OwnPid), rights);
    }

    /// <summary>Waits until the one that was started is ready to answer.</summary>
    /// <exception cref="SystemCallException">It isn't: there is none.</exception>
    public static void Settle()
    {
        if (Here is not { } keeper)
            return;
        if (keeper.Hear(out _) is { ErrorNumber: 0 })
            return;
        Here = null;
        keeper.Dispose();
        throw new SystemCallException("posix_spawn", Errno.ECHILD, "the keeper of rights", "it has ended before it was ready");
    }

    /// <summary>Keeps it for the program that this process executes next.</summary>
    /// <returns>What <see cref="Adopt"/> must be told there.</returns>
    public static string Leave()
    {
        if (Here is not { } keeper)
            return "-";
        lock (keeper._lock)
        {
            // Its socket may be closed: what has that number now is another's, who would give the keeper's answers.
            return keeper._isGone ? "-" : string.Join(':',
                [InheritedDescriptor.Leave(keeper._socket.Handle), keeper._pid, .. keeper._rights.Select(one => (int)one)]);
        }
    }

    /// <summary>Takes over what <see cref="Leave"/> left.</summary>
    public static void Adopt(string left)
    {
        int[] numbers = [.. left.Split(':').Select(
            word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1)];
        if (numbers is [>= 0 and var socket, > 0 and var pid, .. var rights] && InheritedDescriptor.Take(socket) is { } handle)
            Here = new(new(handle), pid, [.. rights.Select(right => (Capability)right)]);
    }

    /// <summary>It is there, and answers now: it is asked something that it refuses.</summary>
    public bool Answers() => Ask(default, -1, -1, out _) is not null;

    /// <summary>Whether it does what takes this right.</summary>
    public bool Has(Capability capability) => _rights.Contains(capability) && !IsGone;

    /// <summary>What there is to tell about its end; null: nothing, or it was told.</summary>
    public unsafe string? News()
    {
        if (!IsGone || _isTold)
            return null;
        _isTold = true;
        int status;
        var how = Libc.waitpid(_pid, &status, SysProcess.WNOHANG) != _pid ? ""
            : (status & 0x7f) is var signal and not 0 ? $" by signal {signal}" : $" with status {(status >> 8) & 0xff}";
        var rights = string.Join(", ", _rights.Intersect(s_given).Select(one => one.Name()));
        var who = string.Create(CultureInfo.InvariantCulture, $"the keeper of rights, process {_pid}, has ended{how}");
        return $"{who}; what runs goes on, but a change that takes {rights} is refused until softswitch is started anew";
    }

    /// <summary>Ends it, and waits for that a little.</summary>
    public unsafe void Dispose()
    {
        lock (_lock)
            _isGone = true;
        _socket.Dispose();
        int status;
        for (var look = 0; look < EndLooks && Libc.waitpid(_pid, &status, SysProcess.WNOHANG) == 0; look++)
            Thread.Sleep(EndMilliseconds);
    }

    /// <summary>Opens something.</summary>
    /// <param name="what">What.</param>
    /// <param name="inside">The descriptor of the namespace, where it has one.</param>
    /// <param name="with">The descriptor of a program or socket that belongs to it.</param>
    /// <param name="opened">Null: it is refused.</param>
    /// <param name="path">Belongs to it.</param>
    /// <returns>The refusal; null: the keeper has ended.</returns>
    internal Opened? Ask(Opening what, int inside, int with, out SafeFileHandle? opened, string? path = null)
    {
        opened = null;
        byte[] question = [.. MemoryMarshal.AsBytes(new Span<Opening>(ref what)), .. Encoding.UTF8.GetBytes(path ?? "")];
        lock (_lock)
        {
            if (!_isGone && _socket.Send(question, inside, with) && Hear(out opened) is { } answer)
                return answer;
            // What comes too late would be taken for the answer to another question.
            _isGone = true;
            _socket.Dispose();
            return null;
        }
    }

    private Opened? Hear(out SafeFileHandle? opened)
    {
        opened = null;
        if (_socket.Poll(AnswerMilliseconds) == 0)
            return null;
        var answer = default(Opened);
        Span<int> descriptors = stackalloc int[ChildSocket.MostDescriptors];
        var bytes = MemoryMarshal.AsBytes(new Span<Opened>(ref answer));
        if (_socket.Receive(bytes, descriptors) != bytes.Length)
        {
            ChildSocket.Close(descriptors);
            return null;
        }
        if (descriptors[0] >= 0)
            opened = new(descriptors[0], ownsHandle: true);
        return answer;
    }
}
