using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;

namespace SoftSwitch.Linux.Endpoints.HostNeighbor;

/// <summary>A frame for the host that waits. Pooled.</summary>
internal sealed class HostFrame
{
    public HostFrame() => (ByAge, OfPort) = (new(this), new(this));

    public OwnedFrame Frame { get; } = new();

    /// <summary>Its sender.</summary>
    public ulong Station { get; set; }

    /// <summary>The port that it came in by.</summary>
    public Port? Input { get; set; }

    /// <summary>What it counts for.</summary>
    public int Cost { get; set; }

    /// <summary>Its place among all.</summary>
    public LinkedListNode<HostFrame> ByAge { get; }

    /// <summary>Its place among those of its port.</summary>
    public LinkedListNode<HostFrame> OfPort { get; }
}
