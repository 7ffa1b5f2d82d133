using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// The latest question in ARP for an address. It went to the holder of the address alone, who may have gone: as long as nobody has seen it
/// answered, who asks next is heard by everybody. So is who has asked it and asks again within seconds, answered or not: the answer hasn't
/// reached him, or he looks for another. One word, so that workers read and write it without a lock:
/// <code>
///   [ asker's MAC address, the low 32 bits ] [ time, milliseconds, the low 32 bits; the lowest two: is open | is for all ]
/// </code>
/// 0 is no question. A time is right to 4 ms.
/// </summary>
internal readonly record struct OpenQuestion(ulong Word)
{
    /// <summary>Others may ask as well before the answer to the first is there.</summary>
    private const uint AnsweredWithin = 250;

    /// <summary>Who gets no answer asks again after a second (RFC 1122, 2.3.2.1), a few times.</summary>
    private const uint AskedAgainWithin = 5_000;

    private const uint IsOpen = 2, ForAll = 1;

    private OpenQuestion(ulong asker, Instant now, uint forAll)
        : this(asker << 32 | ((uint)now.Milliseconds & ~(IsOpen | ForAll)) | IsOpen | forAll)
    {
    }

    /// <summary>This question, answered.</summary>
    public OpenQuestion Answered => new(Word & ~(ulong)(IsOpen | ForAll));

    private bool IsUnanswered => (Word & IsOpen) != 0;

    /// <summary>The next question, when this is the one before it.</summary>
    /// <param name="asker">The MAC address of who asks.</param>
    /// <param name="isForAll">Everybody must hear it.</param>
    public OpenQuestion Next(ulong asker, Instant now, out bool isForAll)
    {
        var age = (uint)now.Milliseconds - (uint)Word;
        isForAll = IsFrom(asker) ? IsUnanswered || age < AskedAgainWithin
            : IsUnanswered && ((Word & ForAll) != 0 || age > AnsweredWithin);
        // Of several at once the last stands for all, with the time of the first: when that one is late, all are.
        return IsUnanswered && !isForAll ? new(asker << 32 | (uint)Word) : new(asker, now, isForAll ? ForAll : 0);
    }

    /// <summary>The question is one of this station's.</summary>
    public bool IsFrom(ulong asker) => Word != 0 && (uint)(Word >> 32) == (uint)asker;
}
