namespace SoftSwitch.Forwarding.Nat;

/// <summary>What a fragment is to those of its packet that came before.</summary>
internal enum FragmentKind : byte
{
    /// <summary>A part that was missing.</summary>
    New,

    /// <summary>A part that is there already, from the same place to the same place: the network has doubled it.</summary>
    Copy,

    /// <summary>It overlaps another without being its copy, or contradicts the packet's length (RFC 5722).</summary>
    Contradiction,
}
