using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Forwarding.Images;

namespace SoftSwitch.Linux.Succession;

/// <summary>
/// What a switch leaves to the program that goes on in its process (execve(2)): descriptors and short texts, each by a name that both know,
/// and descriptors that nobody takes, but which must live until the next program has its own in their place: tables of nf_tables, and
/// sockets that take the kernel long to close.
/// <code>
///   before   Leave(name, handle)   Leave(name, text)   Hold(handle)   Write ─► text
///   after    Read(text)            Take(name)          TextOf(name)   Dispose: what is left is closed
/// </code>
/// Or only state is kept (<see cref="OfState"/>), for the switch that is started when this one was killed: texts and bytes, no descriptor.
/// <para>Names and texts are lines. What was left is closed on execution again as soon as it has been read. One thread at a time.</para>
/// </summary>
public sealed class Inheritance : IDisposable
{
    private readonly Dictionary<string, int> _descriptors = [];
    private readonly Dictionary<string, string> _texts = [];
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _bytes = [];
    private readonly List<int> _held = [];
    private readonly List<SafeFileHandle> _made = [];
    private readonly List<ImageWriter> _images = [];
    private readonly HashSet<string> _own = [];

    /// <summary>Reads taps meanwhile; null: nobody does.</summary>
    public Caretaker? Caretaker { get; private set; }

    /// <summary>There was no program before.</summary>
    public static Inheritance Nothing => new();

    /// <summary>For the program that is to come.</summary>
    /// <param name="caretaker">Reads taps meanwhile; null: nobody does.</param>
    public static Inheritance For(Caretaker? caretaker) => new() { Caretaker = caretaker };

    /// <summary>For state alone: nothing else is left or held.</summary>
    public static Inheritance OfState() => new() { IsState = true };

    /// <summary>It has state and no descriptor.</summary>
    public bool IsState { get; private init; }

    /// <summary>There was one, and what it has left isn't closed yet.</summary>
    public bool IsThere { get; private set; }

    /// <summary>Leaves a descriptor.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Leave(string name, SafeHandle handle)
    {
        if (!IsState)
            _descriptors.Add(name, InheritedDescriptor.Leave(handle));
    }

    /// <summary>Leaves what was written, in a file in memory. State is kept as it stands there: it may be large. The writer is this one's
    /// from here on.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Leave(string name, ImageWriter image)
    {
        if (IsState)
        {
            _bytes.Add(name, image.Memory);
            _images.Add(image);
            return;
        }
        using (image)
            Leave(name, image.Bytes);
    }

    /// <summary>Leaves bytes, in a file in memory.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Leave(string name, ReadOnlySpan<byte> bytes)
    {
        if (IsState)
        {
            _bytes.Add(name, bytes.ToArray());
            return;
        }
        var file = MemoryFile.Leave(bytes);
        _made.Add(file);
        _descriptors.Add(name, (int)file.DangerousGetHandle());
    }

    /// <summary>The next program didn't come: what was made for it goes, and all else stays this one's.</summary>
    public void TakeBack()
    {
        Caretaker?.Stop();
        InheritedDescriptor.KeepAll();
        _made.ForEach(file => file.Dispose());
        Caretaker?.Dispose();
    }

    /// <summary>Leaves a line.</summary>
    public void Leave(string name, string text) => _texts.Add(name, text);

    /// <summary>Leaves a descriptor for which no name is needed: it stays open until the next program is ready.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Hold(SafeHandle handle)
    {
        if (!IsState)
            _held.Add(InheritedDescriptor.Leave(handle));
    }

    /// <summary>How many are held: the next program has as many of its own beside them, until it is ready.</summary>
    public int Held => _held.Count;

    /// <summary>Says that something of this name is this process's own, and no other switch's.</summary>
    public void Own(string name) => _own.Add(name);

    /// <summary>The program before has said that of it.</summary>
    public bool Owns(string name) => _own.Contains(name);

    /// <summary>The descriptor that was left by this name; null: none. It is the caller's.</summary>
    public SafeFileHandle? Take(string name) => _descriptors.Remove(name, out var descriptor) ? new(descriptor, ownsHandle: true) : null;

    /// <summary>The bytes that were left by this name; null: none.</summary>
    public byte[]? TakeBytes(string name) => _bytes.Remove(name, out var bytes) ? bytes.ToArray()
        : _descriptors.Remove(name, out var descriptor) ? MemoryFile.TakeBytes(descriptor) : null;

    /// <summary>Reads what was written by this name. It may be large: it is read where it stands.</summary>
    /// <returns>False: nothing was.</returns>
    /// <exception cref="IOException">The descriptor isn't that of a file.</exception>
    /// <exception cref="InvalidDataException">The reader's: it isn't whole.</exception>
    public bool Read(string name, Action<ImageReader> read)
    {
        if (_bytes.Remove(name, out var bytes))
        {
            read(new(bytes));
            return true;
        }
        if (!_descriptors.Remove(name, out var descriptor))
            return false;
        using var mapped = MappedFile.Take(descriptor);
        read(new(mapped.Memory));
        return true;
    }

    /// <summary>The same as text.</summary>
    public string? TakeText(string name) => TakeBytes(name) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    /// <summary>The line that was left by this name; null: none.</summary>
    public string? TextOf(string name) => _texts.GetValueOrDefault(name);

    /// <summary>All of it, in lines that <see cref="Read(string)"/> takes.</summary>
    public string Write()
    {
        var lines = new StringBuilder();
        foreach (var (name, descriptor) in _descriptors)
            lines.Append(CultureInfo.InvariantCulture, $"take\t{descriptor}\t{name}\n");
        foreach (var (name, text) in _texts)
            lines.Append(CultureInfo.InvariantCulture, $"text\t{name}\t{text}\n");
        foreach (var descriptor in _held)
            lines.Append(CultureInfo.InvariantCulture, $"hold\t{descriptor}\n");
        foreach (var name in _own)
            lines.Append(CultureInfo.InvariantCulture, $"own\t{name}\n");
        return lines.ToString();
    }

    /// <summary>Writes the state.</summary>
    public void WriteState(ImageWriter image)
    {
        image.Write(_texts.Count);
        foreach (var (name, text) in _texts)
        {
            image.Write(name);
            image.Write(text);
        }
        image.Write(_bytes.Count);
        image.Expect(checked((int)_bytes.Sum(one => sizeof(int) * 2L + Encoding.UTF8.GetByteCount(one.Key) + one.Value.Length)));
        foreach (var (name, bytes) in _bytes)
        {
            image.Write(name);
            image.Write(bytes.Span);
        }
    }

    /// <summary>State that was written.</summary>
    /// <exception cref="InvalidDataException">It isn't whole.</exception>
    public static Inheritance ReadState(ImageReader image)
    {
        var state = OfState();
        for (var left = image.ReadCount(2 * sizeof(int)); left > 0; left--)
            state._texts.TryAdd(image.ReadText(), image.ReadText());
        for (var left = image.ReadCount(2 * sizeof(int)); left > 0; left--)
            state._bytes.TryAdd(image.ReadText(), image.ReadBytes());
        return state;
    }

    /// <summary>What the program before has left. A line that makes no sense is none.</summary>
    public static Inheritance Read(string lines)
    {
        var left = new Inheritance { IsThere = true };
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            switch (line.Split('\t', 3))
            {
                case ["take", var number, var name] when Number(number) is { } descriptor:
                    left._descriptors.TryAdd(name, descriptor);
                    break;
                case ["text", var name, var text]:
                    left._texts.TryAdd(name, text);
                    break;
                case ["own", var name]:
                    left._own.Add(name);
                    break;
                case ["hold", var number] when Number(number) is { } descriptor:
                    left._held.Add(descriptor);
                    break;
            }
        }
        left.Caretaker = Caretaker.Adopt(left);
        return left;
    }

    /// <summary>Closes what nobody has taken. Beside the caller: for some of it the kernel waits for all its processors.</summary>
    public void Dispose()
    {
        int[] rest = [.. _descriptors.Values, .. _held];
        var caretaker = Caretaker;
        IsThere = false;
        _descriptors.Clear();
        _texts.Clear();
        _bytes.Clear();
        _own.Clear();
        _held.Clear();
        _images.ForEach(image => image.Dispose());
        _images.Clear();
        if (rest.Length == 0 && caretaker is null)
            return;
        new Thread(() =>
        {
            caretaker?.Dispose();
            foreach (var descriptor in rest)
                new SafeFileHandle(descriptor, ownsHandle: true).Dispose();
        })
        { Name = "inheritance", IsBackground = true }.Start();
    }

    /// <summary>A descriptor that is open, and closed on execution from here on.</summary>
    private static int? Number(string word) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && InheritedDescriptor.Claim(number)
            ? number : null;
}
