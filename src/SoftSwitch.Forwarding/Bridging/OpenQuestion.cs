using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// A question in ARP that went to the holder of an address alone, and that nobody has seen answered yet. While there is one, the holder may
/// have gone: who asks again is heard by everybody. One word, so that workers read and write it without a lock:
/// <code>
///   [ asker's MAC address, the low 32 bits ] [ time, milliseconds, the low 32 bits; the lowest two: 1 | is for all ]
/// </code>
/// 0 is no question. A time is right to 4 ms.
/// </summary>
internal readonly record struct OpenQuestion(ulong Word)
{
    /// <summary>Others may ask as well before the answer to the first is there. Who asks again does so after a second (RFC 1122, 2.3.2.1).
    /// </summary>
    private const uint AnsweredWithin = 250;

    private const uint IsOpen = 2, ForAll = 1;

    private OpenQuestion(ulong asker, Instant now, uint forAll)
        : this(asker << 32 | ((uint)now.Milliseconds & ~(IsOpen | ForAll)) | IsOpen | forAll)
    {
    }

    /// <summary>The next question, when this is the one before it.</summary>
    /// <param name="asker">The MAC address of who asks.</param>
    /// <param name="isForAll">Everybody must hear it.</param>
    public OpenQuestion Next(ulong asker, Instant now, out bool isForAll)
    {
        isForAll = Word != 0 && ((Word & ForAll) != 0 || IsFrom(asker) || (uint)now.Milliseconds - (uint)Word > AnsweredWithin);
        // Of several at once the first counts: when it is late, all are.
        return Word != 0 && !isForAll ? this : new(asker, now, isForAll ? ForAll : 0);
    }

    /// <summary>The question is one of this station's.</summary>
    public bool IsFrom(ulong asker) => Word != 0 && (uint)(Word >> 32) == (uint)asker;
}
