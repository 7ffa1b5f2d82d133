using SoftSwitch.Forwarding.Drops;

namespace SoftSwitch.Forwarding.Budgets;

/// <summary>
/// All that has a rate, in one place: how much there is, whom it counts for, and who gives way when there is no more. What a stranger can
/// use up is counted by the port that a frame came in by, so that who spends his own takes nobody else's.
/// </summary>
public static class Limits
{
    /// <summary>
    /// Behind an uplink thousands of stations may appear at once: as many as a port may hold of a network's table. Hundreds of thousands
    /// are forged, and each frame of theirs would be flooded to everyone: one beyond the allowance costs the others next to nothing.
    /// </summary>
    public static readonly Limit NewStations =
        new("new or moved stations", Holder.Port, 32_768, AtLimit.IsRefused, DropReason.StationFlood) { More = 2_048 };

    /// <summary>Who sweeps a subnet would make us ask for all of it.</summary>
    public static readonly Limit Questions =
        new("questions in ARP", Holder.Port, 500, AtLimit.Waits, DropReason.NeighborQueueFull) { More = 500 };

    /// <summary>One frame of his makes us say one to everybody.</summary>
    public static readonly Limit Defences =
        new("answers in ARP to who claims an address of ours", Holder.Port, 10, AtLimit.IsRefused) { More = 10 };

    /// <summary>An error costs more than the packet that provokes it.</summary>
    public static readonly Limit Errors = new("ICMP errors", Holder.Port, 50, AtLimit.IsRefused) { More = 100 };

    /// <summary>A tunnel that can't work brings them at any rate; path MTU discovery would fail without the others.</summary>
    public static readonly Limit ProtocolErrors =
        new("ICMP errors about protocols that NAT can't translate", Holder.Port, 20, AtLimit.IsRefused) { More = 2 };

    /// <summary>What is held back is told as one line with how many it stands for.</summary>
    public static readonly Limit News = new("lines of the log", Holder.Subject, 5, AtLimit.Waits) { More = 1, Seconds = 10 };
}
