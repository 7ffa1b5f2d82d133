using SoftSwitch.Forwarding.Drops;

namespace SoftSwitch.Forwarding.Frames;

/// <summary>A frame of a <see cref="TransmitBatch"/>: where its gather list is, and what has become of it.</summary>
internal struct TransmitDescriptor
{
    public int FirstVector;
    public int VectorCount;

    /// <summary>Bytes, offload header not counted.</summary>
    public int Length;

    /// <summary>Why the port didn't take it, or <see cref="DropReason.None"/>.</summary>
    public DropReason Drop;
}
