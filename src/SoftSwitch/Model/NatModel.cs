namespace SoftSwitch.Model;

/// <summary>How the packets of a nat network are translated; the requirements that the limits follow stand at
/// <see cref="TimeoutsModel"/>.</summary>
public sealed record NatModel
{
    /// <summary>The most flows that a file can ask for, of a network or of a guest: what one translator counts.</summary>
    public const int MaximumFlows = 4_000_000;

    /// <summary>Networks with the same outside: a translator has numbers for so many.</summary>
    public const int MaximumNetworks = 1024;

    /// <summary>Where the file says nothing: the flows of a network, the flows of a guest, and its outside ports.</summary>
    public const int DefaultFlows = 1 << 20, DefaultFlowsPerGuest = 1 << 16, DefaultPortsPerGuest = 4096;

    /// <summary>Where it meets the outside.</summary>
    public OutsideModel Outside { get; init; } = new();

    /// <summary>Who outside may answer through a mapping.</summary>
    public Filtering Filtering { get; init; } = Filtering.AddressAndPort;

    public TimeoutsModel Timeouts { get; init; } = new();

    /// <summary>The most flows at a time, 2 to <see cref="MaximumFlows"/>.</summary>
    public int Flows { get; init; } = DefaultFlows;

    /// <summary>The most flows of one guest, which is a port, and never more than half of the network's; 2 to <see cref="Flows"/> and to
    /// 4,194,303.</summary>
    public int FlowsPerGuest { get; init; } = DefaultFlowsPerGuest;

    /// <summary>The most outside ports of one guest, which is a port, all protocols together (RFC 6888, REQ-4), and never more than half of
    /// the pool; 1 to 196,608.</summary>
    public int PortsPerGuest { get; init; } = DefaultPortsPerGuest;

    /// <summary>The file, an absolute path, that says who had which outside port when; null: none.</summary>
    public string? FlowLog { get; init; }

    /// <summary>In the order of the file; no two on one port of one outside address (those of the host's that are for one address each may
    /// have the same port), none on a port of the pool where the host's address is shared.</summary>
    public ValueList<ForwardModel> Forwards { get; init; } = [];
}
