namespace SoftSwitch.Forwarding.Nat;

/// <summary>How much of a <see cref="NaptFlowLog"/> is one owner's.</summary>
internal struct NaptLogShare
{
    /// <summary>Entries that came since the reader last found none.</summary>
    public int Entries;

    /// <summary>When that was.</summary>
    public int Round;
}
