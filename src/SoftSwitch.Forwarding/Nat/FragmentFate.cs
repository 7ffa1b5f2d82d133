namespace SoftSwitch.Forwarding.Nat;

/// <summary>What becomes of the later fragments of a packet.</summary>
internal enum FragmentFate : byte
{
    /// <summary>Its first fragment has not come yet.</summary>
    Waiting,

    /// <summary>As the first one was.</summary>
    Translated,

    /// <summary>The first one was somebody else's.</summary>
    NotOurs,

    /// <summary>The first one was dropped, or they contradict each other.</summary>
    Dropped,
}
