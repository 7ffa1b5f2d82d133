namespace SoftSwitch.Packets.Dns;

/// <summary>What has become of a question (RFC 1035, 4.1.1; RCODE).</summary>
public enum DnsCode : byte
{
    NoError = 0,

    /// <summary>The question can't be read.</summary>
    FormatError = 1,

    /// <summary>Whoever was asked couldn't find out.</summary>
    ServerFailure = 2,

    /// <summary>There is no such name.</summary>
    NameError = 3,

    /// <summary>What was asked for isn't done here.</summary>
    NotImplemented = 4,

    /// <summary>Who asks may not.</summary>
    Refused = 5,
}
