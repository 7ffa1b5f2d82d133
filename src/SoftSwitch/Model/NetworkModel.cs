using SoftSwitch.Packets;

namespace SoftSwitch.Model;

/// <summary>One broadcast domain.</summary>
public sealed record NetworkModel : NamedModel
{
    public required NetworkMode Mode { get; init; }

    /// <summary>How long a silent station stays in the FDB, 10 seconds to a day, in whole seconds.</summary>
    public TimeSpan Ageing { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>What becomes of STP, LACP, 802.1X and LLDP.</summary>
    public ControlFrames ControlFrames { get; init; }

    public ArpQuestions Arp { get; init; }

    /// <summary>What guests may say of who they are, where their ports say nothing about that.</summary>
    public Guarding Guard { get; init; }

    /// <summary>Bridged: the NIC that the file names as the way to the LAN; it is a port, too. Null: none, and in other modes.</summary>
    public string? Uplink { get; init; }

    /// <summary>The subnet that addresses of this network lie in. Internal: where the file names one. Nat and host-only: always, once a
    /// free one was chosen where the file names none.</summary>
    public Ipv4Subnet? Subnet { get; init; }

    /// <summary>Nat: the address inside <see cref="Subnet"/> that the switch answers for; host-only: the host's; else null.</summary>
    public Ipv4Address? Gateway { get; init; }

    /// <summary>Nat: what becomes of its packets. Null in other modes.</summary>
    public NatModel? Nat { get; init; }

    /// <summary>Host-only: the name of the interface that appears on the host. Null in other modes.</summary>
    public string? HostInterface { get; init; }

    /// <summary>Which of the host's addresses guests reach, where they reach the host at all.</summary>
    public HostReach HostReach { get; init; }

    /// <summary>Null: no DHCP. What has it has a subnet when it runs, with room for more than ourselves.</summary>
    public DhcpModel? Dhcp { get; init; }

    /// <summary>Beside our own addresses and the host's, there is one to give in <see cref="Subnet"/>: what serves a host-only network is
    /// neither the host nor a guest.</summary>
    public bool HasRoomForServer => Mode != NetworkMode.HostOnly || Subnet is not { PrefixLength: >= 30 };

    /// <summary>Null: no DNS. Only nat and host-only have it; what has it has room for more than ourselves when it runs.</summary>
    public DnsModel? Dns { get; init; }

    /// <summary>What the file says that stands behind the names of its guests, in small letters, without a dot at either end; null:
    /// nothing.</summary>
    public string? Domain { get; init; }

    /// <summary>What stands behind the names of its guests.</summary>
    public string DomainOfGuests => Domain ?? $"{Name}.internal";

    /// <summary>A name without what may stand behind the names of its guests: <c>web.dev</c> and <c>web.dev.internal</c> are
    /// <c>web</c>. Other names are what they are.</summary>
    public string Bare(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && (name[(dot + 1)..] == DomainOfGuests || name[(dot + 1)..] == Name) ? name[..dot] : name;
    }
}
