namespace SoftSwitch.Forwarding.Nat;

/// <summary>What a <see cref="Napt"/> holds and has refused.</summary>
/// <param name="Flows">Flows there are, those included that have timed out but were not swept yet.</param>
/// <param name="Mappings">Outside ports in use, forwards not included.</param>
/// <param name="Began">Flows that ever began.</param>
/// <param name="RefusedPorts">Packets that would have begun a flow when no outside port was free.</param>
/// <param name="RefusedTable">The same when the table of flows, or the network's share of it, was full.</param>
/// <param name="RefusedQuota">The same when the owner had its quota.</param>
/// <param name="GivenUp">Flows that ended because their owner was at a limit and began another.</param>
/// <param name="Overlapped">Flows that ever began on an outside port that isn't their inside end's own (RFC 7857, section 3).</param>
/// <param name="HeldFragments">Fragments that wait for the first of their packet.</param>
/// <param name="ExpiredFragments">Fragments that waited in vain.</param>
public readonly record struct NaptCounters(
    long Flows,
    long Mappings,
    long Began,
    long RefusedPorts,
    long RefusedTable,
    long RefusedQuota,
    long GivenUp,
    long Overlapped,
    long HeldFragments,
    long ExpiredFragments);
