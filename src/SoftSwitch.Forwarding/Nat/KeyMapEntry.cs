namespace SoftSwitch.Forwarding.Nat;

/// <summary>A place of a <see cref="KeyMap"/>; with value 0 it is empty.</summary>
internal struct KeyMapEntry
{
    public ulong Key;
    public ulong Value;
}
