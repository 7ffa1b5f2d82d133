using SoftSwitch.Config.Rows;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Config.Keys;

/// <summary>The keys of a forward.</summary>
internal sealed class ForwardKeys : Table<ForwardModel>
{
    public static readonly ScalarRow<TransportPorts> From = Key("from", PortScalars.ForwardFrom,
        forward => forward.From, (forward, from) => forward with { From = from },
        "protocol and port outside, or a range of ports, which keeps its numbers") with { Need = "from: tcp/2222" };

    public static readonly ScalarRow<Ipv4Address> On = Key("on", Scalars.Address,
        forward => forward.On, (forward, on) => forward with { On = on },
        "the one address of the host that it is for, where the host's address is shared; the host need not have it yet. A program of the "
            + "host may then have the same port at its other addresses") with
    { Otherwise = "all that the host has, and 127.0.0.1" };

    public static readonly ScalarRow<ForwardTarget> To = Key("to", PortScalars.ForwardTo,
        forward => new ForwardTarget(
            forward.Address?.ToString() ?? forward.Port!, forward.TargetPort == forward.From.First ? null : forward.TargetPort), WithTarget,
        "an address or the name of a port of the network, and the port there where it is another one") with { Need = "to: \"web:22\"" };

    /// <summary>From is read first, for To depends on it.</summary>
    public static readonly IReadOnlyList<Row> All = [From, On, To];

    public static ForwardModel Blank => new() { From = default, TargetPort = 0 };

    private static ForwardModel WithTarget(ForwardModel forward, ForwardTarget to)
    {
        Ipv4Address? address = Ipv4Address.TryParse(to.Host, out var parsed) ? parsed : null;
        return forward with { Address = address, Port = address is null ? to.Host : null, TargetPort = to.Port ?? forward.From.First };
    }
}
