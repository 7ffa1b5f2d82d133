namespace SoftSwitch.Forwarding.Drops;

/// <summary>Why a frame didn't get where it wanted. Each has a sentence in <see cref="DropReasons"/>, which is what every output
/// prints.</summary>
public enum DropReason : byte
{
    None,

    // On the way in: the frame as it came.
    TooShort,
    TooLong,
    SourceNotUnicast,
    ReservedAddress,
    OffloadInvalid,
    SegmentsTooSmall,
    OffloadUnsupported,

    // A guarded port.
    GuardMac,
    GuardIp,
    GuardServer,

    // Learning.
    StationFlood,
    SourceTaken,
    AddressTaken,
    SourceElsewhere,
    AddressElsewhere,

    // The decision.
    LoopProbe,
    FloodLimit,
    SamePort,
    NoReceiver,

    // Between the host's own stack and a network.
    LoopbackAddress,
    NotForHost,
    NotHeardByHost,
    RouterPretended,
    RoutedByHost,

    // Ours: the gateway and the outside.
    NotRouted,
    PacketMalformed,
    SourceRouted,
    SourceOutsideSubnet,
    TtlExceeded,
    NoRoute,
    RouteUnknown,
    RouteChanged,
    WayChanged,
    NetworkIsolated,
    FragmentationNeeded,
    NeighborUnreachable,
    NeighborQueueFull,
    ServiceFlood,

    /// <summary>A client of DHCP asks for an address, and there is none for it.</summary>
    NoFreeAddress,
    NoFlow,
    ForwardWaits,
    SourceForged,

    // Translation.
    NatProtocol,
    NatMalformed,
    NatUnmatched,
    NatFiltered,
    NatPortsExhausted,
    NatTableFull,
    NatQuota,
    FragmentTooSmall,
    FragmentMismatch,
    FragmentDoubled,
    FragmentFlood,
    FragmentAlone,

    // On the way out.
    MtuExceeded,
    QueueFull,
    PortDown,
    TransmitFailed,

    // On the doorstep: before the switch saw the frame, and when it had gone.
    KernelQueueFull,
    ReceiverDropped,
}
