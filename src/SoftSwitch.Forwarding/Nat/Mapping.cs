namespace SoftSwitch.Forwarding.Nat;

/// <summary>An outside port's use: the inside address and port that it stands for, and how many flows do.</summary>
internal struct Mapping
{
    /// <summary>The inside end, as <see cref="MappingTable.Key"/> has it.</summary>
    public ulong Inside;
    public int Flows;
    public MappingKind Kind;

    /// <summary>
    /// Of the flows, those on which the inside host has sent. Without one, the mapping and its other flows have ended: outsiders alone
    /// don't keep it.
    /// </summary>
    public int Kept;

    /// <summary>The port that it counts for, with the flows that outsiders begin on it; 0 for a forward, whose flows count for its inside
    /// address.</summary>
    public ushort Owner;

    /// <summary>Of a free port: when it was given back, in seconds modulo 65,536; <see cref="Inside"/> still says by whom.</summary>
    public ushort Freed;

    public readonly int Policy => MappingTable.PolicyOf(Inside);

    public readonly uint Address => (uint)(Inside >> 32);

    public readonly ushort Port => (ushort)(Inside >> 16);
}
