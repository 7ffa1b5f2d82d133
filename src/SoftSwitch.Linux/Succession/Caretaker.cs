using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Children;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Succession;

/// <summary>
/// The switch's side of its <see cref="CaretakerProgram"/>, which one program starts and the next one stops; or the same, where the next
/// doesn't come. Without one, what comes meanwhile waits in the taps, and what is more than those keep is lost.
/// <para>One thread at a time.</para>
/// </summary>
public sealed class Caretaker : IDisposable
{
    private const string SocketWord = "caretaker", FileWord = "kept frames", PidWord = "caretaker pid", TapsWord = "caretaker taps";

    /// <summary>It starts in some ten milliseconds, and frames go on meanwhile.</summary>
    private const int StartMilliseconds = 3_000;

    /// <summary>It answers at once. It is waited for while nothing is forwarded.</summary>
    private const int StopMilliseconds = 1_000;

    private readonly ChildSocket _socket;
    private readonly SafeFileHandle _file;
    private readonly int _pid;
    private readonly List<string> _taps = [];
    private readonly Dictionary<string, Action<KeptFrames>> _takers = [];
    private bool _isOver;

    private Caretaker(ChildSocket socket, SafeFileHandle file, int pid) => (_socket, _file, _pid) = (socket, file, pid);

    /// <summary>Starts one, and waits until it is ready.</summary>
    /// <exception cref="SystemCallException">It isn't.</exception>
    public static Caretaker Start()
    {
        var (ours, its) = ChildSocket.Pair("the caretaker of taps");
        using (its)
        {
            var caretaker = new Caretaker(ours, KeptFrames.NewFile(), ChildStart.Start(its, [], CaretakerProgram.Word));
            if (caretaker.Hears(CaretakerProgram.Ready, StartMilliseconds)
                && ours.Send([CaretakerProgram.File], (int)caretaker._file.DangerousGetHandle()))
                return caretaker;
            caretaker.Dispose();
            throw new SystemCallException("posix_spawn", Errno.ECHILD, "the caretaker of taps", "it has ended before it was ready");
        }
    }

    /// <summary>What the program before has started.</summary>
    public static Caretaker? Adopt(Inheritance from)
    {
        if (!int.TryParse(from.TextOf(PidWord), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            || from.Take(SocketWord) is not { } socket || from.Take(FileWord) is not { } file)
            return null;
        var caretaker = new Caretaker(new(socket), file, pid);
        caretaker._taps.AddRange(from.TextOf(TapsWord)?.Split('\t') ?? []);
        return caretaker;
    }

    /// <summary>Has it read a tap from here on, which nobody else must read.</summary>
    /// <param name="name">By which the next program knows the tap.</param>
    /// <param name="tap">Its descriptor.</param>
    /// <param name="waiting">Frames of it that wait since the time before; null: none.</param>
    /// <param name="taker">Gets the frames, should the next program not come.</param>
    internal void Read(string name, SafeFileHandle tap, KeptFrames? waiting, Action<KeptFrames> taker)
    {
        waiting?.WriteTo(_file, _taps.Count);
        _taps.Add(name);
        _takers.Add(name, taker);
        // Should it have ended, the tap keeps what it can.
        _ = _socket.Send([CaretakerProgram.Tap], (int)tap.DangerousGetHandle());
    }

    /// <summary>Somebody takes the frames of a tap.</summary>
    internal void Await(string name, Action<KeptFrames> taker) => _takers[name] = taker;

    /// <summary>Leaves it to the program that goes on in this process.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Leave(Inheritance heir)
    {
        heir.Leave(SocketWord, _socket.Handle);
        heir.Leave(FileWord, _file);
        heir.Leave(PidWord, _pid.ToString(CultureInfo.InvariantCulture));
        heir.Leave(TapsWord, string.Join('\t', _taps));
    }

    /// <summary>Ends it, and gives what it has read to who has asked for it. From here on the taps are the caller's again.</summary>
    /// <returns>How many frames that was.</returns>
    public int Stop()
    {
        // One that doesn't answer must not go on reading.
        if (!_socket.Send([CaretakerProgram.Stop]) || !Hears(CaretakerProgram.Done, StopMilliseconds))
            End();
        var all = KeptFrames.Read(Kept(), _taps.Count);
        var count = 0;
        for (var tap = 0; tap < all.Length; tap++)
        {
            if (all[tap] is not { } frames || !_takers.TryGetValue(_taps[tap], out var taker))
                continue;
            count += frames.Count;
            taker(frames);
        }
        _takers.Clear();
        return count;
    }

    public void Dispose()
    {
        End();
        _file.Dispose();
    }

    /// <summary>Where there is no memory for the frames, they are lost, and all else goes on.</summary>
    private byte[] Kept()
    {
        try
        {
            return MemoryFile.Read(_file);
        }
        catch (Exception e) when (e is IOException or OutOfMemoryException)
        {
            return [];
        }
    }

    private bool Hears(byte word, int milliseconds)
    {
        Span<byte> message = stackalloc byte[1];
        Span<int> none = stackalloc int[ChildSocket.MostDescriptors];
        var isThere = _socket.Poll(milliseconds) != 0 && _socket.Receive(message, none) == 1 && message[0] == word;
        ChildSocket.Close(none);
        return isThere;
    }

    /// <summary>Its end is waited for: it may still be in the middle of reading. It is killed only as long as it is our child, so that its
    /// pid is no other's.</summary>
    private unsafe void End()
    {
        if (_isOver)
            return;
        _isOver = true;
        _socket.Dispose();
        int status;
        if (Libc.waitpid(_pid, &status, SysProcess.WNOHANG) != 0)
            return;
        _ = Libc.kill(_pid, SysProcess.SIGKILL);
        while (Libc.waitpid(_pid, &status, 0) < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR)
        {
        }
    }
}
