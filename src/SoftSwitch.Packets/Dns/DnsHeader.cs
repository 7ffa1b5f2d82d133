namespace SoftSwitch.Packets.Dns;

/// <summary>Where the fields of a DNS message's header lie, and what its flags are (RFC 1035, 4.1.1). Offsets count from its first byte,
/// behind the UDP header, or behind the length that stands before it in TCP (4.2.2).</summary>
public static class DnsHeader
{
    public const ushort Port = 53;

    public const int Size = 12;

    public const int IdOffset = 0, FlagsOffset = 2;

    /// <summary>How many there are of each: questions, answers, authorities, and what else there is.</summary>
    public const int QuestionsOffset = 4, AnswersOffset = 6, AuthoritiesOffset = 8, AdditionalsOffset = 10;

    /// <summary>It is an answer; by who knows it himself; cut short; recursion is wanted; recursion can be had.</summary>
    public const ushort Response = 0x8000, Authoritative = 0x0400, Truncated = 0x0200, RecursionDesired = 0x0100,
        RecursionAvailable = 0x0080;

    /// <summary>The answer was verified; the asker verifies himself (RFC 4035, 3.1.6 and 3.2.2).</summary>
    public const ushort AuthenticData = 0x0020, CheckingDisabled = 0x0010;

    /// <summary>What is asked for (0: a query), and what has become of it.</summary>
    public const ushort OperationMask = 0x7800, CodeMask = 0x000F;

    /// <summary>Of all, the most that a message in TCP can have: its length stands in two bytes before it (4.2.2).</summary>
    public const int MaximumSize = ushort.MaxValue;

    /// <summary>Bytes of a message in UDP, of who says nothing else (4.2.1).</summary>
    public const int EveryoneTakes = 512;
}
