namespace SoftSwitch.Forwarding.Nat;

/// <summary>What became of a frame at a <see cref="Napt"/>.</summary>
public enum NaptVerdict
{
    /// <summary>Its head was rewritten: send it on.</summary>
    Translated,

    /// <summary>It goes no further; its drop reason says why. Nobody is told.</summary>
    Dropped,

    /// <summary>No room for a new flow; its drop reason says where. The sender is told: ICMP 3/13 (RFC 4787, REQ-8; RFC 6888,
    /// REQ-4).</summary>
    Prohibited,

    /// <summary>Inbound only: no mapping has this port. The frame was not touched.</summary>
    NotOurs,

    /// <summary>A fragment that was copied and waits for its packet's first one; see <see cref="Frames.ReleasedFragments"/>.</summary>
    Held,
}
