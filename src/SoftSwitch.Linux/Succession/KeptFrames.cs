using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Succession;

/// <summary>
/// Frames that a tap has brought while nobody but the caretaker was there, in their order. The port's worker takes them before it reads the
/// tap. That takes a while, and what the tap brings meanwhile goes behind them, or it would be more than the tap keeps.
/// </summary>
internal sealed unsafe class KeptFrames
{
    /// <summary>What a port reads at most, its header included.</summary>
    public const int MostOfFrame = Frame.HeadRoom + Burst.HeadCapacity + Burst.BodyCapacity;

    /// <summary>Taken from the tap before the next burst: more than that gives, so that the tap is empty first.</summary>
    private const int FramesAtOnce = 4 * Burst.Capacity;

    private const int ChunkSize = 2 * MostOfFrame;

    private readonly Queue<ReadOnlyMemory<byte>> _frames = new();
    private byte[] _chunk = [];
    private int _used;
    private long _waiting;

    /// <summary>Frames that are left.</summary>
    public int Count => _frames.Count;

    /// <summary>A file for frames. Whoever writes, writes behind what is there: the caretaker does, and a program with frames that wait
    /// since the time before.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public static SafeFileHandle NewFile()
    {
        var file = MemoryFile.Leave("");
        SystemCallException.ThrowIfNegative(
            Libc.fcntl((int)file.DangerousGetHandle(), Fcntl.F_SETFL, Fcntl.O_APPEND), "F_SETFL", "a file in memory");
        return file;
    }

    /// <summary>Finds each tap's in what the caretaker has written. What isn't whole is left out, and all behind it.</summary>
    /// <param name="record">All of it.</param>
    /// <param name="taps">How many there are.</param>
    /// <returns>By tap; null: it has brought none.</returns>
    public static KeptFrames?[] Read(ReadOnlyMemory<byte> record, int taps)
    {
        var all = new KeptFrames?[taps];
        while (record.Length >= CaretakerProgram.PrefixSize)
        {
            var number = MemoryMarshal.Read<int>(record.Span);
            var length = MemoryMarshal.Read<int>(record.Span[sizeof(int)..]);
            record = record[CaretakerProgram.PrefixSize..];
            if (number < 0 || number >= taps || length < 0 || length > record.Length)
                break;
            // Shorter than its own header is none: the kernel gives no such thing.
            if (length is > Frame.HeadRoom and <= MostOfFrame)
                (all[number] ??= new()).Add(record[..length]);
            record = record[length..];
        }
        return all;
    }

    /// <summary>Has what waits in the tap wait here.</summary>
    public void TakeFrom(int tap)
    {
        for (var i = 0; i < FramesAtOnce && _waiting + MostOfFrame <= MachineLimits.KeptFrames.Most; i++)
        {
            if (_chunk.Length - _used < MostOfFrame)
                (_chunk, _used) = (GC.AllocateUninitializedArray<byte>(ChunkSize), 0);
            fixed (byte* free = &_chunk[_used])
            {
                var room = new IoVector(free, MostOfFrame);
                // An error is told to who reads next.
                if ((int)Libc.readv(tap, &room, 1) is not (> Frame.HeadRoom and var length))
                    return;
                Add(_chunk.AsMemory(_used, length));
                _used += length;
            }
        }
    }

    /// <summary>Puts what is left behind what such a file has.</summary>
    /// <param name="file">It is appended to.</param>
    /// <param name="tap">The number of the tap there.</param>
    public void WriteTo(SafeFileHandle file, int tap)
    {
        while (_frames.TryDequeue(out var frame))
            RandomAccess.Write(file, [.. BitConverter.GetBytes(tap), .. BitConverter.GetBytes(frame.Length), .. frame.Span], 0);
    }

    /// <summary>Gives the next of them to a burst, as many as it takes.</summary>
    /// <returns>There are more.</returns>
    public bool GiveTo(Burst burst)
    {
        while (burst.Room > 0 && _frames.TryDequeue(out var waiting))
        {
            var frame = waiting.Span;
            var body = burst.BodyOf(0);
            var inHead = int.Min(frame.Length, Frame.HeadRoom + Burst.HeadCapacity);
            // SAFETY: a head has so much room from its header on, and a body all that a frame has beside it (MostOfFrame).
            frame[..inHead].CopyTo(new(burst.HeadOf(0) - Frame.HeadRoom, inHead));
            frame[inHead..].CopyTo(new(body, Burst.BodyCapacity));
            burst.Add(frame.Length - Frame.HeadRoom, body);
            _waiting -= frame.Length;
        }
        return _frames.Count > 0;
    }

    private void Add(ReadOnlyMemory<byte> frame)
    {
        _frames.Enqueue(frame);
        _waiting += frame.Length;
    }
}
