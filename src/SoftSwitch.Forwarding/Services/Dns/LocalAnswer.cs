namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>What is known here of a name.</summary>
internal enum LocalAnswer
{
    /// <summary>Nothing: others may be asked.</summary>
    IsElsewhere,

    /// <summary>There is none.</summary>
    NoName,

    /// <summary>It is there, with addresses perhaps.</summary>
    IsName,

    /// <summary>It is an address's, written backward (RFC 1035, 3.5), and is called something perhaps.</summary>
    IsAddress,
}
