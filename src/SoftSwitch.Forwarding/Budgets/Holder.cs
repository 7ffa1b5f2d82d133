namespace SoftSwitch.Forwarding.Budgets;

/// <summary>Whom a limit counts for. A <see cref="Network"/> or the <see cref="Switch"/> is all ports together: who has more than others
/// gives way there, so nobody is kept out by who has much.</summary>
public enum Holder
{
    /// <summary>The port that a frame came in by, whatever addresses its sender wrote.</summary>
    Port,

    /// <summary>The same, for one neighbor that its packets go to.</summary>
    PortAndNeighbor,

    /// <summary>The port inside; outside, where all come in by one port, the address, and the port is what there is of all.</summary>
    Sender,

    /// <summary>All ports of a network together.</summary>
    Network,

    /// <summary>All ports of networks that share a translator together, each way.</summary>
    Switch,

    /// <summary>What the control plane itself wants of a network; no stranger can use it up.</summary>
    ControlPlane,

    /// <summary>Something that the log has news about: a port, a network.</summary>
    Subject,

    /// <summary>A user of the host, but root.</summary>
    User,

    /// <summary>All of them together; root has as many beside.</summary>
    Users,

    /// <summary>The process: nothing that comes in by a port uses it up.</summary>
    Process,
}
