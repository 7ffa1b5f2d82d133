namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// Whose a flow is, and its place in one of that owner's lists; beside the flow's line, as it is needed only when the flow begins, ends or
/// becomes worth something else. Numbers are one more than the slot's, so that 0 is none.
/// </summary>
internal struct FlowPlace
{
    public int Older;
    public int Newer;

    /// <summary>[ owner's number 28 | list 4 ].</summary>
    public uint OwnerAndList;
}
