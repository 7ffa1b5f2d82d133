namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>What is known of one neighbor. A MAC of 0 is none.</summary>
internal record struct NeighborEntry
{
    /// <summary>Odd while it is written.</summary>
    public uint Version;
    public uint Address;
    public ulong Mac;

    /// <summary>Who says that the address is his, while the one that has it is asked.</summary>
    public ulong Rival;

    /// <summary>Who had the address, and lost it because he left questions unanswered; and when that was.</summary>
    public ulong Former;
    public long Lost;
    public long Confirmed;
    public long Asked;
    public NeighborState State;

    /// <summary>Questions in a row that were not answered.</summary>
    public byte Probes;

    /// <summary>Its address is known, and it is being asked whether that is still so.</summary>
    public readonly bool IsInDoubt => State == NeighborState.Reachable && (Probes > 0 || Rival != 0);
}
