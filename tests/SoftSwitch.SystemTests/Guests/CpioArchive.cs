using System.Text;

namespace SoftSwitch.SystemTests.Guests;

/// <summary>
/// Writes a cpio archive in the "newc" form, the one the kernel unpacks as an initramfs (Documentation/driver-api/
/// early-userspace/buffer-format.rst): per file 110 bytes of hexadecimal header, the name, the content, each padded to 4.
/// </summary>
internal sealed class CpioArchive(Stream target)
{
    private const int Folder = 0x41ed; // S_IFDIR | 0755
    private const int Program = 0x81ed; // S_IFREG | 0755
    private readonly HashSet<string> _folders = [];
    private int _inode;

    /// <summary>Adds a file, executable, and the folders it stands in. The path is absolute.</summary>
    public void Add(string path, ReadOnlySpan<byte> content)
    {
        AddFolder(Path.GetDirectoryName(path)!);
        Entry(path, Program, content);
    }

    /// <summary>Adds a folder and those it stands in.</summary>
    public void AddFolder(string path)
    {
        if (path is "/" || !_folders.Add(path)) return;
        AddFolder(Path.GetDirectoryName(path)!);
        Entry(path, Folder, []);
    }

    /// <summary>Writes the end mark; nothing can be added after it.</summary>
    public void Finish() => Entry("/TRAILER!!!", 0, []);

    private void Entry(string path, int mode, ReadOnlySpan<byte> content)
    {
        var name = Encoding.ASCII.GetBytes(path[1..] + '\0');
        // magic ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check
        var header =
            $"070701{++_inode:x8}{mode:x8}{0:x8}{0:x8}{1:x8}{0:x8}{content.Length:x8}{0:x8}{0:x8}{0:x8}{0:x8}{name.Length:x8}{0:x8}";
        target.Write(Encoding.ASCII.GetBytes(header));
        target.Write(name);
        Pad(header.Length + name.Length);
        target.Write(content);
        Pad(content.Length);
    }

    private void Pad(int written) => target.Write(new byte[-written & 3]);
}
