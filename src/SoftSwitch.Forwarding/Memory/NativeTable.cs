using System.Runtime.InteropServices;

namespace SoftSwitch.Forwarding.Memory;

/// <summary>Memory of a table, zeroed, at a cache line: the kernel's pages, which come as they are touched. The garbage collector is told
/// of it, so that it collects a replaced translator although the heap hardly grows; no reader is left by then.</summary>
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

    /// <summary>The first byte. It is good as long as this object is kept.</summary>
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
