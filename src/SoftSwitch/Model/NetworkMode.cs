namespace SoftSwitch.Model;

/// <summary>Whom the guests of a network reach beside each other.</summary>
public enum NetworkMode
{
    /// <summary>Nobody else.</summary>
    Internal,

    /// <summary>The physical LAN, as stations of it.</summary>
    Bridged,

    /// <summary>The outside, translated.</summary>
    Nat,

    /// <summary>The host, on an interface of its own.</summary>
    HostOnly,
}
