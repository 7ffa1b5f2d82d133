namespace SoftSwitch.Packets.Dns;

/// <summary>Types of records (RFC 1035, 3.2.2, where nothing else is said), and of questions.</summary>
public static class DnsType
{
    public const ushort A = 1, Ns = 2, Cname = 5, Soa = 6, Ptr = 12, Hinfo = 13, Mx = 15, Txt = 16;

    /// <summary>RFC 3596; RFC 2782; RFC 6672.</summary>
    public const ushort Aaaa = 28, Srv = 33, Dname = 39;

    /// <summary>Signatures, and proofs that there is nothing (RFC 4034; RFC 5155).</summary>
    public const ushort Rrsig = 46, Nsec = 47, Nsec3 = 50;

    /// <summary>Keys of a zone, and what the zone above says of them (RFC 4034).</summary>
    public const ushort Ds = 43, Dnskey = 48;

    /// <summary>No record, but what the message's sender can do (RFC 6891).</summary>
    public const ushort Opt = 41;

    /// <summary>Only asked for: all zones' records, all records.</summary>
    public const ushort Axfr = 252, Any = 255;

    /// <summary>From here to <see cref="Any"/> are types that no record has (RFC 6895, 3.1).</summary>
    public const ushort FirstOfQuestions = 128;
}
