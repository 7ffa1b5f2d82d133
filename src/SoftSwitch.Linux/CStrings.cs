using System.Runtime.InteropServices;
using System.Text;

namespace SoftSwitch.Linux;

/// <summary>A zero-terminated list of zero-terminated UTF-8 strings: argv, envp. Unmanaged memory, until it is disposed.</summary>
internal sealed unsafe class CStrings : IDisposable
{
    private readonly byte* _memory;

    internal CStrings(IReadOnlyCollection<string> texts)
    {
        if (texts.Any(text => text.Contains('\0')))
            throw new ArgumentException("an argument or environment variable of a program can't contain a zero character");
        var list = checked((texts.Count + 1) * sizeof(byte*));
        _memory = (byte*)NativeMemory.AllocZeroed((nuint)(list + texts.Sum(text => Encoding.UTF8.GetByteCount(text) + 1)));
        var next = List;
        var at = _memory + list;
        foreach (var text in texts)
        {
            *next++ = at;
            at += Encoding.UTF8.GetBytes(text, new Span<byte>(at, Encoding.UTF8.GetByteCount(text))) + 1;
        }
    }

    internal byte** List => (byte**)_memory;

    internal byte* First => *List;

    public void Dispose() => NativeMemory.Free(_memory);
}
