namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// What one owner has, packed into a word for a <see cref="KeyMap"/>: mappings, flows, and flows of these that outsiders began.
/// </summary>
internal readonly struct OwnerUse(ulong packed)
{
    private const int FlowsShift = 20;
    private const int FromOutsideShift = 42;
    private const ulong FlowMask = (1UL << 22) - 1;

    public ulong Packed => packed;

    public int Mappings => (int)(packed & ((1UL << FlowsShift) - 1));

    public int Flows => (int)(packed >> FlowsShift & FlowMask);

    public int FlowsFromOutside => (int)(packed >> FromOutsideShift & FlowMask);

    public OwnerUse Add(int mappings, int flows, int fromOutside) =>
        new(packed + (ulong)mappings + ((ulong)flows << FlowsShift) + ((ulong)fromOutside << FromOutsideShift));
}
