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

    /// <summary>A guest calls itself so, by a word alone: its addresses are known here. The word may be a zone of the world's as well, such
    /// as <c>com</c>, of which others know.</summary>
    IsWord,

    /// <summary>It is an address's, written backward (RFC 1035, 3.5), and is called something perhaps.</summary>
    IsAddress,
}
