using SoftSwitch.Api.Views;

namespace SoftSwitch.Api;

/// <summary>
/// What the control API asks of the running switch: copies to read, nothing to hold on to.
/// </summary>
/// <remarks>
/// Every method is called on request threads, several at once, and must never wait for a forwarding thread. Lists come in any
/// order: the API sorts and pages them. What changes the switch (ports at run time, reload) becomes a second interface beside
/// this one, so that a reader never holds the means to write.
/// </remarks>
internal interface ISwitchView
{
    StatusView Status();

    IReadOnlyList<NetworkView> Networks();

    IReadOnlyList<PortView> Ports();

    /// <summary>
    /// The stations that <paramref name="query"/> asks for, in ascending order of (network by ordinal, MAC address), the first
    /// <see cref="FdbQuery.Limit"/> of them. May be a million long, and so it is asked for in pieces.
    /// </summary>
    IReadOnlyList<FdbEntryView> Fdb(FdbQuery query);

    /// <summary>
    /// The flows that <paramref name="query"/> asks for, in the order of the tables that hold them: a flow that lives all the
    /// while is found once. May be millions long, and so a piece costs what it shows and a bounded part of the tables, never their whole.
    /// </summary>
    FlowPiece Flows(FlowQuery query);

    /// <summary>The addresses that gateways know of; each address once in a network.</summary>
    IReadOnlyList<NeighborView> Neighbors();

    /// <summary>The forwards of the file, each with where it leads now.</summary>
    IReadOnlyList<ForwardView> Forwards();

    /// <summary>Reasons with a count of zero may be left out.</summary>
    IReadOnlyList<DropView> Drops();

    /// <summary>The running configuration as JSON text (and so YAML), in the keys of the configuration file: `softswitch run` accepts it.</summary>
    string ConfigJson();
}
