using System.Runtime.InteropServices;

namespace SoftSwitch.Forwarding.Memory;

/// <summary>Memory of a table, zeroed, at a cache line: the kernel's pages, which come as they are touched. The garbage collector is told
/// of it (<see cref="TablePressure"/>), and no reader is left when it collects it.</summary>
internal sealed unsafe class NativeTable : IDisposable
{
    private const int Line = 64;
    private const int Page = 4096;

    private readonly void* _memory;

    public NativeTable(long size)
    {
        Size = size;
        _memory = NativeMemory.AllocZeroed((nuint)size + Line);
        TablePressure.Add(size);
    }

    ~NativeTable() => Free();

    /// <summary>Bytes.</summary>
    public long Size { get; }

    /// <summary>The first byte. It is good as long as this object is kept.</summary>
    public void* Start => (void*)(((nuint)_memory + Line - 1) & ~(nuint)(Line - 1));

    /// <summary>
    /// So many places of it will be written soon, wherever they are. Where that is most of its pages, they are had now and in turn: a page
    /// that is looked at before it is written comes twice, and the second time all processors are told.
    /// </summary>
    public void Expect(long places)
    {
        if (places < Size / Page)
            return;
        for (var at = 0L; at < Size; at += Page)
            Interlocked.Or(ref *(int*)((byte*)Start + at), 0);
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        // It was refused: nothing was added.
        if (_memory is null)
            return;
        NativeMemory.Free(_memory);
        TablePressure.Add(-Size);
    }
}
