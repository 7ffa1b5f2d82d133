namespace SoftSwitch.Packets;

/// <summary>The TCP options that mean something to the switch (IANA TCP parameters), and how one is found.</summary>
public static class TcpOption
{
    public const byte End = 0;
    public const byte NoOperation = 1;

    /// <summary>The longest segment that the sender takes, 4 bytes (RFC 9293, 3.7.1).</summary>
    public const byte MaximumSegmentSize = 2;

    /// <summary>How far the sender's windows are shifted, 3 bytes (RFC 7323, 2.2).</summary>
    public const byte WindowScale = 3;

    /// <summary>The largest shift (RFC 7323, 2.3).</summary>
    public const int MaximumWindowScale = 14;

    /// <summary>The place of the first option of a kind and length among <paramref name="options"/>, or -1.</summary>
    public static int Find(ReadOnlySpan<byte> options, byte kind, int length)
    {
        for (var at = 0; at < options.Length;)
        {
            if (options[at] == End)
                return -1;
            if (options[at] == NoOperation)
            {
                at++;
                continue;
            }
            if (at + 1 >= options.Length || options[at + 1] < 2 || at + options[at + 1] > options.Length)
                return -1;
            if (options[at] == kind && options[at + 1] == length)
                return at;
            at += options[at + 1];
        }
        return -1;
    }
}
