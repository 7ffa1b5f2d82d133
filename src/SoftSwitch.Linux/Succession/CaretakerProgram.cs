using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Linux.Children;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Workers;

namespace SoftSwitch.Linux.Succession;

/// <summary>
/// The caretaker: a process that reads a switch's taps while one program of the switch goes and the next comes. A tap itself keeps 1,000
/// frames, some milliseconds of a fast stream. A longer queue is no way out: while an interface is up, changing its length loses frames
/// (the kernel takes its queueing discipline away for the moment), and for good it is memory that a guest can fill at any time.
/// <para>
/// What it reads it writes to a file in memory as it is, frame by frame (<see cref="KeptFrames"/>). It has no right, one thread, and ends
/// with the switch, whose end of the socket says so.
/// </para>
/// <code>
///   caretaker   Ready                        Done
///   switch             File  Tap  Tap  Stop
/// </code>
/// </summary>
public static unsafe class CaretakerProgram
{
    /// <summary>The command line, whole.</summary>
    public const string Word = "caretaker";

    /// <summary>Messages, a byte each; the first two have a descriptor beside them.</summary>
    internal const byte File = 1, Tap = 2, Stop = 3, Ready = 4, Done = 5;

    /// <summary>What stands before a frame: the number of its tap and its length.</summary>
    internal const int PrefixSize = 2 * sizeof(int);

    /// <summary>Written in one go.</summary>
    private const int BufferSize = 4 * KeptFrames.MostOfFrame;

    /// <summary>From one tap, before the others.</summary>
    private const int FramesAtOnce = 64;

    /// <summary>The shortest that there is.</summary>
    private const ulong SliceNanoseconds = 100_000;

    private const ulong SocketToken = ulong.MaxValue - 1;

    /// <summary>Serves until it is told to stop.</summary>
    /// <returns>False: no switch has started it.</returns>
    public static bool Run()
    {
        ChildManners.Take("softswitch-care\0"u8);
        ComeSoon();
        using var socket = new ChildSocket(new(ChildStart.SocketNumber, ownsHandle: true));
        return Serve(socket);
    }

    /// <summary>It runs for moments, and soon, where all processors are busy: a short slice gives no more time, but an earlier turn (Linux
    /// 6.12; before, this does nothing).</summary>
    private static void ComeSoon()
    {
        var attributes = new Sched.sched_attr
        {
            size = (uint)sizeof(Sched.sched_attr),
            sched_nice = Libc.getpriority(0, 0),
            sched_runtime = SliceNanoseconds,
        };
        _ = Libc.sched_setattr(0, &attributes);
    }

    /// <summary>Reads what it is given to read, until it is told to stop or nobody is there.</summary>
    /// <returns>False: nobody was there to begin with.</returns>
    internal static bool Serve(ChildSocket socket)
    {
        Rehearse();
        if (!socket.Send([Ready]))
            return false;
        using var kept = new Record();
        using var poller = new Poller();
        var taps = new List<SafeFileHandle>();
        var tokens = new ulong[Poller.Batch];
        poller.Add(socket.Fd, SocketToken);
        while (Turn(socket, kept, poller, taps, tokens.AsSpan(0, poller.Wait(tokens, -1))))
            kept.Write();
        taps.ForEach(tap => tap.Dispose());
        return true;
    }

    /// <returns>False: it is over, and no tap may be read any more.</returns>
    private static bool Turn(ChildSocket socket, Record kept, Poller poller, List<SafeFileHandle> taps, ReadOnlySpan<ulong> tokens)
    {
        foreach (var token in tokens)
        {
            if (token != SocketToken)
            {
                if (!kept.Read(taps[(int)token], (int)token))
                    poller.Remove((int)taps[(int)token].DangerousGetHandle());
            }
            else if (!Hear(socket, kept, poller, taps))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Reads and writes, once: what is done first is slow, and when the first frame comes there is no time.</summary>
    private static void Rehearse()
    {
        using var trial = new Record { To = MemoryFile.Leave("") };
        using var empty = System.IO.File.OpenHandle("/dev/null");
        _ = trial.Read(empty, 0);
        trial.Write();
    }

    /// <returns>False: it is over.</returns>
    private static bool Hear(ChildSocket socket, Record kept, Poller poller, List<SafeFileHandle> taps)
    {
        Span<byte> message = stackalloc byte[1];
        Span<int> descriptors = stackalloc int[ChildSocket.MostDescriptors];
        if (socket.Receive(message, descriptors) == 0)
            return false;
        switch (message[0])
        {
            case File when descriptors[0] >= 0:
                kept.To = new(descriptors[0], ownsHandle: true);
                return true;
            case Tap when descriptors[0] >= 0:
                taps.Add(new(descriptors[0], ownsHandle: true));
                poller.Add(descriptors[0], (ulong)(taps.Count - 1));
                return true;
            default:
                kept.Write();
                // Whoever hears this reads the taps: from here on none may be read.
                _ = socket.Send([Done]);
                return false;
        }
    }

    /// <summary>What was read.</summary>
    private sealed class Record : IDisposable
    {
        private readonly byte* _buffer = (byte*)NativeMemory.Alloc(BufferSize);
        private int _used;
        private long _written;

        /// <summary>The file.</summary>
        public SafeFileHandle? To { get; set; }

        /// <summary>Reads a few frames of a tap.</summary>
        /// <returns>False: it must be read no more.</returns>
        public bool Read(SafeFileHandle tap, int number)
        {
            for (var i = 0; i < FramesAtOnce; i++)
            {
                if (BufferSize - _used < PrefixSize + KeptFrames.MostOfFrame)
                    Write();
                if (To is null || _written + _used + PrefixSize + KeptFrames.MostOfFrame > MachineLimits.KeptFrames.Most)
                    return false;
                var room = new IoVector(_buffer + _used + PrefixSize, KeptFrames.MostOfFrame);
                var length = (int)Libc.readv((int)tap.DangerousGetHandle(), &room, 1);
                if (length < 0)
                    return Marshal.GetLastPInvokeError() is Errno.EAGAIN or Errno.EINTR or Errno.EINVAL;
                *(int*)(_buffer + _used) = number;
                *(int*)(_buffer + _used + sizeof(int)) = length;
                _used += PrefixSize + length;
            }
            return true;
        }

        /// <summary>Writes to the file what it doesn't have yet.</summary>
        public void Write()
        {
            if (_used == 0 || To is not { } file)
                return;
            // Behind all that is there: the kernel appends (O_APPEND).
            RandomAccess.Write(file, new ReadOnlySpan<byte>(_buffer, _used), 0);
            _written += _used;
            _used = 0;
        }

        public void Dispose()
        {
            NativeMemory.Free(_buffer);
            To?.Dispose();
        }
    }
}
