using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>One router that is known by its IPv6 address.</summary>
/// <param name="number">By which workers know it.</param>
internal sealed class Ipv6Hop(Ipv4Address number)
{
    public Ipv4Address Number => number;

    /// <summary>A route has led there.</summary>
    public Instant UsedAt { get; set; }

    /// <summary>The kernel was told to find it.</summary>
    public Instant? FoundAt { get; set; }

    /// <summary>Its MAC is known, or was until a moment ago.</summary>
    public bool HasMac { get; set; }

    /// <summary>The kernel doesn't know its MAC, and asks for it; null: it does.</summary>
    public Instant? FindingSince { get; set; }

    /// <summary>It hasn't answered for a while.</summary>
    public bool IsLost { get; set; }

    /// <summary>Packets wait for it.</summary>
    public bool IsBeingFound => FindingSince is not null && !HasMac && !IsLost;
}
