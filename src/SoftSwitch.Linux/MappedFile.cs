using System.Buffers;
using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace SoftSwitch.Linux;

/// <summary>The bytes of a <see cref="MemoryFile"/> where the kernel has them: nothing is copied. They are only read.</summary>
internal sealed unsafe class MappedFile : MemoryManager<byte>
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _start;
    private readonly int _length;

    private MappedFile(SafeFileHandle handle, int length)
    {
        _length = length;
        // A mapping of nothing is refused.
        if (length == 0)
            return;
        _file = MemoryMappedFile.CreateFromFile(
            handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>Takes the file of a descriptor, which is closed.</summary>
    /// <exception cref="IOException">The descriptor isn't that of a file.</exception>
    public static MappedFile Take(int descriptor)
    {
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        return new(handle, checked((int)RandomAccess.GetLength(handle)));
    }

    public override Span<byte> GetSpan() => new(_start, _length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (_view is null)
            return;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file!.Dispose();
    }
}
