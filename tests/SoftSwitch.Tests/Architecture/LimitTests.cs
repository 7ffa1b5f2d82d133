using System.Reflection;
using System.Text.RegularExpressions;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Tests.Docs;

namespace SoftSwitch.Tests.Architecture;

/// <summary>
/// Whatever strangers can use up stands in one of the tables (<see cref="LimitTable.Tables"/>): what has a rate, what can grow, and each
/// number that bounds something.
/// </summary>
public sealed partial class LimitTests
{
    private const BindingFlags AllFields =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>What can hold more and more.</summary>
    private static readonly string[] s_growing =
    [
        "Dictionary`2", "OrderedDictionary`2", "ConcurrentDictionary`2", "HashSet`1", "List`1", "LinkedList`1", "Queue`1", "Stack`1",
        "ConcurrentQueue`1", "PriorityQueue`2", "ConcurrentBag`1", "BlockingCollection`1", "Channel`1", "NativeTable",
    ];

    /// <summary>Types that hold what no frame makes more of, or what another type's limit bounds.</summary>
    private static readonly Dictionary<string, string> s_bounded = new()
    {
        ["Bridge"] = "the ports of the file",
        ["Burst"] = "frames of one turn",
        ["FdbPlaces"] = "stations that are behind ports of the file for certain",
        ["LoopWatch"] = "a probe for each port of the file, of two rounds; others' that have gone on, as the table says",
        ["EndedFlows"] = "flows, which the file limits",
        ["HeldIndex"] = "packets of the HeldFrames",
        ["MemoryPort"] = "the other end; bounded by its queue's length",
        ["OwnerTable"] = "the ports and addresses of flows, which the file limits",
        ["FlowTable"] = "flows, which the file limits",
        ["FlowIndex"] = "flows, which the file limits",
        ["ImageNames"] = "ports of the file, while what the program before has left is read",
        ["KeyMap"] = "flows and mappings, which the file limits",
        ["MappingTable"] = "ports of the pool",
        ["Napt"] = "networks and forwards of the file",
        ["FragmentShares"] = "packets of the FragmentTable",
        ["FragmentSender"] = "packets of the FragmentTable",
        ["FragmentedPacket"] = "fragments of the FragmentTable",
        ["HeldShare"] = "packets of the HeldFrames",
        ["HeldOfPort"] = "packets of the HeldFrames",
        ["Turn"] = "stations whose turns its frames have called for, one for each neighbor at most",
        ["LeaseTable"] = "addresses of a network's range, of which each port has a share",
        ["PortLeases"] = "addresses of a network's range, of which each port has a share",
        ["LentAddresses"] = "leases of the LeaseTable behind one port",
        ["AddressRangeBits"] = "addresses of a network's range",
        ["Candidates"] = "addresses that the table of leases has asked for, eight",
        ["DhcpScope"] = "what the file says",
        ["DhcpServer"] = "addresses that one tick asks for",
        ["DnsScope"] = "what the file says",
        ["DnsShare"] = "answers of the DnsCache",
        ["DnsWaiters"] = "guests of the WaitingQuestions",
        ["NeighborPlaces"] = "as many as the Ipv4NeighborTable says",
    };

    /// <summary>Numbers that look like bounds and that no stranger comes up against, or that only say how much of a limit is taken at
    /// once.</summary>
    private static readonly Dictionary<string, string> s_numbers = new (string Why, string[] Names)[]
    {
        ("what the file says", ["Bridge.MaximumPorts", "Port.MostWorkers", "SwitchModel.MostWorkers",
            "Flow.MaximumPolicies", "Napt.Policies.MaximumNetworks", "NatModel.MaximumNetworks",
            "Napt.MaximumCapacity", "NatModel.MaximumFlows",
            "OwnerTable.MaximumOwners", "HostWayEndpoint.MaxMtu", "OutsideFilter.MaxRanges", "OutsideFilter.MaxRangesAtOthers",
            "PortGuard.MaxPoolRanges",
            "DhcpScope.MostAddresses"]),
        ("a row of the table", ["Fdb.DefaultCapacity", "ReleasedFragments.Capacity", "Turn.MostBursts", "Turn.MostFrames",
            "Napt.Aliases.MaximumAliases", "OutsideAddresses.MostAliases"]),
        ("the length of a frame, or of a burst that a turn carries", ["HostGate.HeaderBytes", "Egress.MostSegments",
            "Admission.MaximumHeaders", "Admission.MaximumTunnelHeaders", "Admission.MaximumSegments", "Burst.Capacity",
            "Burst.HeadCapacity", "Burst.BodyCapacity", "Burst.MaximumPieces", "KeptFrames.MostOfFrame",
            "FrameSet.Capacity", "OwnedFrame.MaximumLength",
            "TransmitBatch.Capacity", "TransmitBatch.VectorCapacity", "TransmitBatch.ScratchCapacity", "FragmentedPacket.MostParts",
            "Datagram.MaximumPayload", "ServiceTable.PortBytes", "IcmpErrors.MaximumLength", "TcpTracker.LargestWindow",
            "DnsName.MaximumSize", "DnsName.MaximumLabel", "DnsHeader.MaximumSize", "DnsKey.MostBytes", "DnsSieve.MostAliases",
            "LocalNames.MostAddresses", "DnsQuery.MostRecords", "DnsConnection.MostOfQuestion", "DnsConnection.MostAtOnce",
            "DnsConnection.MostUnacknowledged", "DnsConnection.MostTries", "DnsName.MostPointers",
            "LocalNames.MostDigits", "UpstreamQuery.ChanceBytes", "ResolverSocket.MostBytes",
            "EthernetHeader.MaximumVlanTags", "Ipv4Header.MaximumSize", "Ipv6Layout.MaximumExtensionHeaders",
            "TcpOption.MaximumSegmentSize", "TcpOption.MaximumWindowScale", "TransportLayout.MaximumExtensionHeaders",
            "TunnelInstructions.MaximumHeaders",
            "DhcpClient.MostBytes", "DhcpAnswer.MostBytes", "DhcpAnswer.MostOfRelay", "DhcpWriter.MostInPiece", "DhcpServer.MostHops"]),
        ("how often something is tried, or how much in one go: more waits for the next", ["Fdb.AgeingsRemembered", "FdbPlaces.MostSteps",
            "SentProbe.MostTold", "StationMoves.MostStrikes", "Fdb.SweptAtOnce", "Napt.Control.SlotsAtOnce",
            "Ipv4NeighborTable.MaximumProbes", "Ipv4Neighbors.MostDueInTurn", "Ipv4Neighbors.SweptAtOnce",
            "Ipv4Neighbors.Held.MostBytesReleased", "HeldFrames.MostExtensions", "OwnFolder.MostAttempts",
            "Passages.Most", "Patience.MostLooksInVain",
            "Worker.SendsAtOnce", "NftChange.MaximumElements", "OutputDescriptor.AtOnce", "OutputWriter.Buffered", "Answers.PieceBytes",
            "FlowView.SlotsAtOnce", "FlowLogFile.SlotsAtOnce", "FlowRecord.PieceBytes", "Introductions.PortsPerTick",
            "NatState.QuestionsPerTurn", "KernelDropPolling.PortsPerSecond", "SwitchPorts.MostThreads", "GuestAddress.MostQuestions",
            "GuestAddress.MostSearched", "GuestAddress.MostDoublings", "AwaitedSubnets.MostJitter", "NewsLimiter.RememberedWithoutLooking",
            "RememberedLog.MostLines", "UnroutedPackets.MostBytesReleased", "UnroutedPackets.MostAtOnce", "EndedFlows.MostAtOnce",
            "OutsideState.Change.MostTurnsToTell", "LiveConfig.Expiry.MostTries",
            "HostRouting.Inherited.MostLeft", "HostRouting.MostAtOnce",
            "HostRouting.MostFirst", "HostRouting.MostPending", "RouteChanges.MostAtOnce",
            "OutsideState.Ways.SlotsAtOnce", "Candidates.Most", "LeaseTable.Places.MostLooked", "LeaseTable.Places.MostOldLooks",
            "WaitingQuestions.MostLooked", "AskedName.MostWrong",
            "ChildSocket.MostDescriptors", "CaretakerProgram.FramesAtOnce", "KeptFrames.FramesAtOnce"]),
        ("what the kernel says", ["OutsideState.Ways.MostWays", "RouteReasons.MostTables", "RefusedWays.Most",
            "NftListing.MostRules", "RuleWalk.MostDeep", "RuleWalk.MostRules", "GuardedPorts.MostGivenUp", "FolderPath.MostLinks",
            "StartedPath.MostLinks", "ProcessPath.MostLinks", "ProcessPath.PathMax", "KeeperProgram.PathMax", "InterfaceName.MaxLength",
            "NftElement.MaximumSize", "Affinity.MaximumCpus", "HostScalars.UnixPathMax", "HostScalars.PathMax", "HostScalars.PidMax"]),
        ("files of the administrator and of the switch", ["ConfigText.MostBytes", "YamlReader.MostNodes", "SubnetMemory.MostBytes",
            "AddressMemory.MostBytes", "LeaseMemory.MostBytes", "LeaseLine.MostWords", "PortAddressMemory.MostBytes",
            "ConfigFolder.MostLetters", "RunTimeMemory.MostBytes",
            "OutsideLeaseMemory.MostBytes", "StateSnapshot.MostBytes",
            "ResolverFile.Most", "ResolverFile.MostBytes", "MachineIdentity.MostLetters", "SwitchIdentity.SaltBytes",
            "SwitchIdentity.MostBytes",
            "SwitchNumber.MostNumbers", "SwitchNumber.MostBytes"]),
        ("what a message names", ["Column.MostNamed", "ConfigText.MostNeighbors", "SlipReport.Most", "SlipReport.MostOnLine",
            "YamlLetters.Most", "Additions.MostNamed", "AwaitedPorts.MostNamed", "FlowLogFile.MostNamed", "ForwardTargets.MostNamed",
            "GuardText.MostNamed",
            "PortHolders.MostNamed", "UnservedAddresses.MostNamed", "PortNews.MostTold", "PortNews.MostNamed", "NearestWord.MostWords",
            "NearestWord.MostListed"]),
        ("a lab", ["KernelLab.MostThatAsk", "LabDomains.Most", "LabPlan.MaximumStations", "ReachCheck.AtOnce"]),
    }.SelectMany(group => group.Names.Select(name => (name, group.Why))).ToDictionary();

    [Fact]
    public void A_limit_stands_in_the_table_of_limits_and_nowhere_else()
    {
        Assert.NotEmpty(LimitTable.All);
        Assert.DoesNotContain(SourceFile.All, file => !file.Name.EndsWith("Limits.cs", StringComparison.Ordinal) &&
            NewLimit().IsMatch(file.Text));
        Assert.Distinct(LimitTable.All.Select(limit => (limit.What, limit.Of)));
    }

    [Fact]
    public void A_limit_is_read_by_who_has_it()
    {
        var used = SourceFile.All.Where(file => !file.Name.EndsWith("Limits.cs", StringComparison.Ordinal))
            .Select(file => file.Text).ToList();
        var constants = typeof(Limits).GetFields(AllFields).Where(field => field.IsLiteral)
            .ToLookup(field => (int)field.GetRawConstantValue()!, field => field.Name);
        var rows = LimitTable.Tables.SelectMany(table => table.GetFields(AllFields)).Where(field => field.FieldType == typeof(Limit));
        Assert.All(rows, row =>
        {
            var words = row.DeclaringType == typeof(Limits) ? constants[((Limit)row.GetValue(null)!).Most] : [];
            Assert.Contains(words.Append(row.Name),
                word => used.Exists(text => text.Contains($"{row.DeclaringType!.Name}.{word}", StringComparison.Ordinal)));
        });
    }

    [Fact]
    public void What_a_port_shares_with_others_has_a_port_s_own_limit_or_takes_from_who_has_most() =>
        Assert.All(LimitTable.All.Where(limit => limit.Of is Holder.Network or Holder.Switch or Holder.Users),
            limit => Assert.True(
                limit.Then is AtLimit.MostGivesUpOldest or AtLimit.MostGivesUpLeast or AtLimit.LastAreForFew, limit.What));

    /// <summary>A number that bounds something, by its name, is a row, or nobody's to use up.</summary>
    [Fact]
    public void A_bound_stands_in_a_table_of_limits_or_is_nobody_s_to_use_up()
    {
        var found = SourceFile.All.Where(file => !file.Name.EndsWith("Limits.cs", StringComparison.Ordinal))
            .SelectMany(file => Bound().Matches(file.Text).Select(match => $"{file.Name[..^3]}.{match.Groups[1].Value}"))
            .Where(name => !s_numbers.ContainsKey(name)).ToList();
        Assert.Empty(found);
    }

    [Fact]
    public void What_is_nobody_s_to_use_up_is_still_there() => Assert.Empty(s_numbers.Keys.Except(
        SourceFile.All.SelectMany(file => Bound().Matches(file.Text).Select(match => $"{file.Name[..^3]}.{match.Groups[1].Value}"))));

    [Fact]
    public void What_can_grow_with_frames_has_a_limit()
    {
        var files = SourceFile.All.Where(file => file.Folder.StartsWith("SoftSwitch.Forwarding", StringComparison.Ordinal)).ToList();
        var without = typeof(Limits).Assembly.GetTypes()
            .Where(type => !type.Name.Contains('<') && type.GetFields(AllFields).Any(field => s_growing.Contains(field.FieldType.Name)))
            .Select(type => type.Name.Split('`')[0]).Where(name => !s_bounded.ContainsKey(name) && !ReadsLimit(name)).ToList();
        Assert.Empty(without);

        bool ReadsLimit(string name) => files.Exists(file => file.Text.Contains("Limits.", StringComparison.Ordinal)
            && (file.Name == $"{name}.cs" || file.Name.StartsWith($"{name}.", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"(?:const|static readonly) (?:int|long|uint|ulong|ushort|byte) (?:\w+ = [^,;]+, )*"
        + @"((?:\w*(?:Most|Max|Maximum|Highest|Largest|Queue|Backlog|Buffered|Remembered|AtOnce|PerSecond|PerTick|PerTurn|PerPort|Capacity|"
        + @"OfPort|OfAll|OfOne))\w*|\w+Bytes) =")]
    private static partial Regex Bound();

    [GeneratedRegex(@"new Limit\(|\bLimit \w+ = new\(|\bLimit \w+ =>\s+new\(")]
    private static partial Regex NewLimit();
}
