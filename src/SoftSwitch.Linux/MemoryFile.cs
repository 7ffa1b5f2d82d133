using System.Text;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux;

/// <summary>A text in memory (memfd_create(2)), open for a program that this process executes. The descriptor's number tells that program
/// where it is.</summary>
public static class MemoryFile
{
    /// <summary>Stays open across an execution.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public static SafeFileHandle Leave(string text) => Leave(Encoding.UTF8.GetBytes(text));

    /// <inheritdoc cref="Leave(string)"/>
    public static SafeFileHandle Leave(ReadOnlySpan<byte> bytes)
    {
        var handle = new SafeFileHandle(
            SystemCallException.ThrowIfNegative(Libc.memfd_create("softswitch", 0), "memfd_create", "a file in memory"), ownsHandle: true);
        RandomAccess.Write(handle, bytes, 0);
        return handle;
    }

    /// <summary>The text; the file is closed.</summary>
    /// <exception cref="IOException">The descriptor isn't that of a file.</exception>
    public static string Take(int descriptor) => Encoding.UTF8.GetString(TakeBytes(descriptor));

    /// <summary>The bytes; the file is closed.</summary>
    /// <exception cref="IOException">The descriptor isn't that of a file.</exception>
    public static byte[] TakeBytes(int descriptor)
    {
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        return Read(handle);
    }

    /// <summary>The bytes of one that stays open.</summary>
    /// <exception cref="IOException">The descriptor isn't that of a file.</exception>
    public static byte[] Read(SafeFileHandle handle)
    {
        var bytes = new byte[RandomAccess.GetLength(handle)];
        for (var read = 0; read < bytes.Length;)
        {
            var more = RandomAccess.Read(handle, bytes.AsSpan(read), read);
            if (more == 0)
                break;
            read += more;
        }
        return bytes;
    }
}
