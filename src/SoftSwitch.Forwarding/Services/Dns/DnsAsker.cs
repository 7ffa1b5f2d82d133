using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>What of a question comes back in its answer, whatever that is.</summary>
/// <param name="Id">The message's.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="Extension">What who asks can do; null: no more than RFC 1035 says.</param>
/// <param name="IsStream">It asks by TCP, where answers have any length.</param>
internal readonly record struct DnsAsker(ushort Id, ushort Flags, DnsExtension? Extension, bool IsStream = false)
{
    private const ushort Kept = DnsHeader.OperationMask | DnsHeader.RecursionDesired | DnsHeader.CheckingDisabled;

    /// <summary>Bytes of an answer at most: what the guest takes, and what passes in one piece.</summary>
    public int MostBytes => IsStream ? DnsHeader.MaximumSize : Extension is { } extension
        ? int.Clamp(extension.Size, DnsHeader.EveryoneTakes, DnsExtension.PassesEverywhere)
        : DnsHeader.EveryoneTakes;

    /// <summary>The flags of the answer.</summary>
    public ushort Answer(DnsCode code, bool isOwn = false) => (ushort)((Flags & Kept) | DnsHeader.Response | DnsHeader.RecursionAvailable
        | (isOwn ? DnsHeader.Authoritative : 0) | ((ushort)code & DnsHeader.CodeMask));
}
