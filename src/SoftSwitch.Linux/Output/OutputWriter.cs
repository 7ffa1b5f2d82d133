using System.Globalization;
using System.Text;

namespace SoftSwitch.Linux.Output;

/// <summary>
/// What a command says to people, on standard output or error. It never throws: what can't be written any more is dropped, and <see
/// cref="Refusal"/> says why. It waits for a reader that is slow, until <see cref="Abandon"/>. What ends with a line's end is written at
/// once.
/// </summary>
public sealed class OutputWriter(OutputDescriptor descriptor) : TextWriter(CultureInfo.InvariantCulture)
{
    private const int Buffered = 32 * 1024;
    private const int LookMilliseconds = 100;

    private readonly Lock _lock = new();
    private readonly Encoder _encoder = Encoding.UTF8.GetEncoder();
    private readonly byte[] _bytes = new byte[Buffered];
    private int _count;
    private int _errno;
    private volatile bool _abandoned;

    public override Encoding Encoding => Encoding.UTF8;

    public bool IsTerminal => descriptor.IsTerminal;

    /// <summary>Nobody reads it any more: there is nothing left to say, and nothing wrong.</summary>
    public bool IsClosed => _abandoned || OutputDescriptor.SaysClosed(_errno) || descriptor.IsClosed;

    /// <summary>Why it takes no more although there is a reader, such as a full disk; null: it does take more, or nobody reads.</summary>
    public string? Refusal => _errno == 0 || OutputDescriptor.SaysClosed(_errno) ? null : OutputDescriptor.Reason(_errno);

    /// <summary>Ends a write that waits, and drops what comes. From any thread.</summary>
    public void Abandon() => _abandoned = true;

    public override void Write(char value) => Write([value]);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void WriteLine() => Write("\n");

    public override void WriteLine(string? value) => Write($"{value}\n");

    public override void Write(ReadOnlySpan<char> text)
    {
        lock (_lock)
        {
            for (var rest = text; rest.Length > 0;)
            {
                _encoder.Convert(rest, _bytes.AsSpan(_count), flush: false, out var read, out var encoded, out _);
                rest = rest[read..];
                _count += encoded;
                if (rest.Length > 0)
                    Send();
            }
            if (text.EndsWith('\n'))
                Send();
        }
    }

    public override void Flush()
    {
        lock (_lock)
            Send();
    }

    private void Send()
    {
        for (var sent = 0; sent < _count && _errno == 0 && !_abandoned;)
        {
            sent += descriptor.Write(_bytes.AsSpan(sent.._count), LookMilliseconds, out var errno);
            _errno = OutputDescriptor.SaysFull(errno) ? 0 : errno;
        }
        _count = 0;
    }
}
