using SoftSwitch.Forwarding.Bridging;

namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>Packets that wait for one neighbor. Pooled.</summary>
internal sealed class HeldOfNeighbor : HeldShare
{
    /// <summary>The turn that is sending them; null: none is.</summary>
    public Turn? Sender { get; set; }

    /// <summary>They stand in line for a turn.</summary>
    public bool IsDue { get; set; }

    /// <summary>Of those that have waited since before the first turn for them, as many are left.</summary>
    public int Before { get; set; }

    /// <summary>Turns that went to what came while others were sent.</summary>
    public int Extensions { get; set; }
}
