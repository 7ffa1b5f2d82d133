using System.Runtime.InteropServices;

namespace SoftSwitch.Forwarding.Memory;

/// <summary>
/// Memory of a table, zeroed and at a cache line: the kernel's pages, which come as they are touched. The garbage collector is told of it.
/// A translator that was replaced is then collected although the heap hardly grows, and no reader is left when it is.
/// </summary>
internal sealed unsafe class NativeTable : IDisposable
{
    private const int Line = 64;

    private readonly void* _memory;

    public NativeTable(long size)
    {
        Size = size;
        _memory = NativeMemory.AllocZeroed((nuint)size + Line);
        GC.AddMemoryPressure(size);
    }

    ~NativeTable() => Free();

    /// <summary>Bytes.</summary>
    public long Size { get; }

    /// <summary>The first byte. Whoever keeps it keeps this object too.</summary>
    public void* Start => (void*)(((nuint)_memory + Line - 1) & ~(nuint)(Line - 1));

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.Free(_memory);
        GC.RemoveMemoryPressure(Size);
    }
}
