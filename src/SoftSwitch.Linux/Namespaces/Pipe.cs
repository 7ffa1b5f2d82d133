using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Namespaces;

/// <summary>A pipe(2) between us and a child, closed by exec on both ends. One thread.</summary>
internal sealed unsafe class Pipe : IDisposable
{
    internal Pipe()
    {
        // SAFETY: pipe2 writes two descriptors.
        var ends = stackalloc int[2];
        if (Libc.pipe2(ends, Fcntl.O_CLOEXEC) < 0)
            SystemCallException.ThrowLast("pipe2", "a pipe to a child");
        (Reader, Writer) = (ends[0], ends[1]);
    }

    internal int Reader { get; private set; }

    internal int Writer { get; private set; }

    internal void CloseReader()
    {
        if (Reader >= 0)
            _ = Libc.close(Reader);
        Reader = -1;
    }

    internal void CloseWriter()
    {
        if (Writer >= 0)
            _ = Libc.close(Writer);
        Writer = -1;
    }

    /// <summary>Writes at most PIPE_BUF bytes; that the reader is gone is no error.</summary>
    internal void Write(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            while (Libc.write(Writer, start, (nuint)bytes.Length) < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR)
            {
            }
        }
    }

    /// <summary>Waits for four bytes; null: all writers are gone without them.</summary>
    internal int? ReadInt32()
    {
        int value;
        nint read;
        do
            read = Libc.read(Reader, &value, sizeof(int));
        while (read < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        return read == sizeof(int) ? value : null;
    }

    public void Dispose()
    {
        CloseReader();
        CloseWriter();
    }
}
