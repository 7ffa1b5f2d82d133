using SoftSwitch.Forwarding.Drops;

namespace SoftSwitch.Forwarding.Budgets;

/// <summary>
/// All that frames can use up, in one place: allowances, queues and table places, each with how much there is, whom it counts for, and who
/// gives way when there is no more. Whoever has a limit reads it here; <c>docs/limits.md</c> has this table. What a stranger can use up is
/// counted by the port that a frame came in by, so that who spends his own takes nobody else's. The limits of flows are the file's
/// (<see cref="Nat.NaptPolicy"/>).
/// </summary>
public static class Limits
{
    public const int StationCapacity = 65_536, RouteCapacity = 65_536;
    public const int FloodCapacity = 10_000, FloodCapacityOfLan = 100_000;
    public const int FramesOfTurnCapacity = 512;
    public const int CrossingCapacity = 512, UnprovenCapacity = 512, CompleteCapacity = 256;
    public const int FragmentBlocks = 2_048, FragmentBlocksOfSender = 256;
    public const int FlowLogCapacity = 65_536;

    public static readonly Limit Stations =
        new("stations (MAC addresses), and as many IP addresses that they say", Holder.Network, StationCapacity,
            AtLimit.MostGivesUpOldest);

    public static readonly Limit StationsOfPort =
        new("stations, and as many addresses", Holder.Port, StationCapacity / 2, AtLimit.GivesUpOwnOldest);

    /// <summary>A guest has one, and those behind it one each. They are kept while it is down.</summary>
    public static readonly Limit LinkAddresses =
        new("IPv6 addresses of the link that a guarded port keeps for its guest", Holder.Port, 64, AtLimit.GivesUpOwnOldest);

    /// <summary>
    /// Behind an uplink thousands of stations may appear at once: as many as a port may hold of a network's table. Hundreds of thousands
    /// are forged, and each frame of theirs would be flooded to everyone: one beyond the allowance costs the others next to nothing.
    /// </summary>
    public static readonly Limit NewStations = new(
        "new or moved stations", Holder.Port, StationsOfPort.Most, AtLimit.IsRefused, DropReason.StationFlood) { More = 2_048 };

    /// <summary>A station that is behind another port is asked for each. A place is taken for a second at least, and longer while nobody
    /// else needs it: what was refuted stays known.</summary>
    public static readonly Limit Claims = new(
        "claims to stations behind other ports, and as many to IP addresses", Holder.Port, 64, AtLimit.IsRefused,
        DropReason.SourceElsewhere);

    /// <summary>Each is said once, within a second.</summary>
    public static readonly Limit Moves = new(
        "claims that are yet to be told, and addresses that have moved and are yet to be said to all", Holder.Port, 64, AtLimit.IsRefused);

    /// <summary>All that one port may have waiting for a neighbor (208), and the errors about them.</summary>
    public static readonly Limit FramesOfTurn = new(
        "answers, errors and freed packets that one turn of its frames makes", Holder.Port, FramesOfTurnCapacity, AtLimit.IsRefused,
        DropReason.QueueFull);

    /// <summary>Where a network is wider than this, its guests share.</summary>
    public static readonly Limit Neighbors = new(
        "neighbors (IPv4 addresses) of a station of ours: as many as its subnet has addresses, and 16,384 at least outside", Holder.Network,
        65_536, AtLimit.MostGivesUpLeast, DropReason.NeighborQueueFull);

    /// <summary>Who sweeps a subnet would make us ask for all of it; who claims others' addresses, whether they are still theirs.</summary>
    public static readonly Limit Questions = new(
        "questions in ARP: for neighbors that packets go to, and to those whose address another claims", Holder.Port, 500, AtLimit.Waits,
        DropReason.NeighborQueueFull) { More = 500 };

    /// <summary>One frame of his makes us say one to everybody.</summary>
    public static readonly Limit Defences =
        new("answers in ARP to who claims an address of ours", Holder.Port, 10, AtLimit.IsRefused) { More = 10 };

    /// <summary>As Linux keeps for a neighbor (unres_qlen_bytes): three of the longest datagrams in fragments.</summary>
    public static readonly Limit HeldForNeighbor = new(
        "bytes of packets that wait for a neighbor that is being asked for, each as 1,024 at least", Holder.PortAndNeighbor, 212_992,
        AtLimit.IsRefused, DropReason.NeighborQueueFull);

    public static readonly Limit HeldOfPort = new(
        "bytes of packets that wait for neighbors", Holder.Port, 16 * HeldForNeighbor.Most, AtLimit.GivesUpOwnOldest,
        DropReason.NeighborQueueFull);

    public static readonly Limit Held = new(
        "bytes of packets that wait for neighbors", Holder.Network, 16 * 1024 * 1024, AtLimit.MostGivesUpOldest,
        DropReason.NeighborQueueFull);

    /// <summary>Each is a call of the kernel's, some 15 µs of the control loop: a twentieth of a core for a port that sweeps addresses.
    /// </summary>
    public static readonly Limit RouteQuestions = new(
        "questions to the host's routing, for destinations that no packet went to lately", Holder.Port, 2_000, AtLimit.IsRefused,
        DropReason.RouteUnknown) { More = 2_000 };

    /// <summary>A port's own flows must not wait because the host's routes have changed; and who has many must not keep the control loop
    /// busy each time they do: a seventh of a core.</summary>
    public static readonly Limit RouteQuestionsAgain = new(
        "questions to the host's routing, for destinations that were known until its routes changed", Holder.Port, 10_000,
        AtLimit.IsRefused, DropReason.RouteUnknown) { More = 10_000 };

    /// <summary>More routers than a LAN has; the host's routes say which. One that none has led to for ten minutes gives up its
    /// number.</summary>
    public static readonly Limit NumberedHops = new(
        "routers that routes of the host name by an IPv6 address", Holder.Process, 1_024, AtLimit.IsRefused);

    public static readonly Limit Routes = new(
        "destinations whose way out is remembered", Holder.Switch, RouteCapacity, AtLimit.MostGivesUpOldest);

    public static readonly Limit WaitingQuestions =
        new("questions in ARP for the guests that forwards name", Holder.ControlPlane, 1_024, AtLimit.IsRefused);

    /// <summary>A guest with more addresses than that pushes out its own.</summary>
    public static readonly Limit HeardAddresses =
        new("addresses that are remembered of the guest that a forward names", Holder.Port, 8, AtLimit.GivesUpOwnOldest);

    /// <summary>A source of multicast brings thousands a second; each goes to every port of the network. <c>flood-limit</c> of a port says
    /// another.</summary>
    public static readonly Limit Floods =
        new("frames for everybody", Holder.Port, FloodCapacity, AtLimit.IsRefused, DropReason.FloodLimit) { More = FloodCapacity };

    /// <summary>Behind one port is a whole LAN, or the host with all that it brings.</summary>
    public static readonly Limit FloodsOfLan = new(
        "frames for everybody that a port brings which leads to the LAN or the host", Holder.Port, FloodCapacityOfLan, AtLimit.IsRefused,
        DropReason.FloodLimit) { More = FloodCapacityOfLan };

    /// <summary>Where a source of multicast takes all of a port's, stations behind that port still find others and are found.</summary>
    public static readonly Limit Discoveries = new(
        "ARP and neighbor discovery of IPv6 for everybody, beside that", Holder.Port, 1_000, AtLimit.IsRefused, DropReason.FloodLimit)
        { More = 1_000 };

    /// <summary>So that another switch hears that its loop with this one is there, though this one has cut it.</summary>
    public static readonly Limit PassedProbes = new(
        "other switches' probes for loops that go on also where a loop is cut", Holder.Port, 16, AtLimit.IsRefused) { More = 16 };

    /// <summary>Twice what a client does to get an address, by 12,000 clients in a second: each costs a twentieth of that.</summary>
    public static readonly Limit DhcpQuestions =
        new("messages of DHCP", Holder.Port, 50_000, AtLimit.IsRefused, DropReason.ServiceFlood) { More = 50_000 };

    /// <summary>A lease takes two, and half of that later.</summary>
    public static readonly Limit LeaseAnswers = new(
        "answers of DHCP servers to who leases its outside address", Holder.ControlPlane, 64, AtLimit.Waits)
        { More = 64 };

    /// <summary>More than one core answers: who asks as fast as it can waits for answers, and not for this.</summary>
    public static readonly Limit DnsQuestions =
        new("questions of DNS", Holder.Port, 200_000, AtLimit.IsRefused, DropReason.ServiceFlood) { More = 200_000 };

    public static readonly Limit DnsSegments =
        new("segments of DNS by TCP", Holder.Port, 20_000, AtLimit.IsRefused, DropReason.ServiceFlood) { More = 20_000 };

    public static readonly Limit DnsConnections = new("connections of DNS by TCP", Holder.Port, 16, AtLimit.GivesUpOwnOldest);

    /// <summary>Who asks for names that nobody answers for waits ten seconds for each.</summary>
    public static readonly Limit DnsWaiting = new(
        "questions of DNS that wait until somebody else has answered", Holder.Port, 1_024, AtLimit.IsRefused, DropReason.ServiceFlood);

    /// <summary>Each has a socket of the host's. A port that has as many as are left gets no more.</summary>
    public static readonly Limit DnsAsked = new(
        "questions of DNS that the host's resolvers, or those of the file, are asked at once", Holder.Switch, 512, AtLimit.LastAreForFew);

    /// <summary>Some ten thousand names.</summary>
    public static readonly Limit DnsAnswers = new(
        "bytes of answers of DNS that are remembered, each as 512 at least", Holder.Network, 8 << 20, AtLimit.MostGivesUpOldest);

    /// <summary>An error costs more than the packet that provokes it.</summary>
    public static readonly Limit Errors = new("ICMP errors", Holder.Port, 50, AtLimit.IsRefused) { More = 100 };

    /// <summary>A tunnel that can't work brings them at any rate; path MTU discovery would fail without the others.</summary>
    public static readonly Limit ProtocolErrors =
        new("ICMP errors about protocols that NAT can't translate", Holder.Port, 20, AtLimit.IsRefused) { More = 2 };

    public static readonly Limit CrossingPackets = new(
        "packets in fragments whose first was translated", Holder.Switch, CrossingCapacity, AtLimit.MostGivesUpOldest,
        DropReason.FragmentFlood);

    public static readonly Limit UnprovenPackets = new(
        "packets in fragments whose first has not come, or leads nowhere", Holder.Switch, UnprovenCapacity, AtLimit.MostGivesUpOldest,
        DropReason.FragmentFlood);

    public static readonly Limit CompletePackets = new(
        "packets in fragments that are complete, by which late copies are told", Holder.Switch, CompleteCapacity,
        AtLimit.MostGivesUpOldest);

    /// <summary>As many as five of the longest packets have on an Ethernet, whose first fragments all come last.</summary>
    public static readonly Limit FragmentsOfSender = new(
        "fragments that wait for the first of their packet, of up to 2 KB", Holder.Sender, FragmentBlocksOfSender,
        AtLimit.GivesUpOwnOldest, DropReason.FragmentFlood);

    /// <summary>4 MB each way, which is what Linux has for putting packets together (ipfrag_high_thresh).</summary>
    public static readonly Limit Fragments = new(
        "fragments that wait for the first of their packet, of up to 2 KB", Holder.Switch, FragmentBlocks, AtLimit.MostGivesUpOldest,
        DropReason.FragmentFlood);

    /// <summary>Read once a second, and then all of them.</summary>
    public static readonly Limit FlowLogEntries = new(
        "flows' beginnings and ends that wait for the flow log, in a second", Holder.Switch, FlowLogCapacity, AtLimit.LastAreForFew);

    /// <summary>What is held back is told as one line with how many it stands for.</summary>
    public static readonly Limit News = new("lines of the log", Holder.Subject, 5, AtLimit.Waits) { More = 1, Seconds = 10 };
}
