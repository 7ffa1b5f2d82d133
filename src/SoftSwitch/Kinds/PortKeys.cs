using SoftSwitch.Config.Keys;
using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Writing;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Text;

namespace SoftSwitch.Kinds;

/// <summary>
/// The keys of a port: those that every kind has, and those of its kind (<see cref="PortKind.Keys"/>). They stand here and not in
/// Config/Keys because the kinds decide which there are, and a kind writes them when it says how a guest is plugged in.
/// </summary>
internal sealed class PortKeys : Table<PortModel>
{
    public static readonly ScalarRow<string> Network = Key("network", Scalars.Name,
        port => port.Network, (port, network) => port with { Network = network },
        "the network that it is on") with { Need = "network: and the name of a network" };

    /// <summary>All kinds are read; only those that are built are advised.</summary>
    public static readonly ScalarRow<PortKind> Kind = Key("kind", new ScalarType<PortKind>(Shown.Or(PortKinds.BuiltWords), ParseKind)
        {
            Words = PortKinds.BuiltWords,
            Format = kind => kind.Word,
        },
        PortKinds.Of, (port, _) => port,
        "who is at the other end, and how") with
    {
        Need = $"kind: {Shown.Or(PortKinds.BuiltWords)}",
        NotYet = word => PortKinds.Find(word) is { IsBuilt: false }
            ? $"kind '{word}' is not available yet (available: {string.Join(", ", PortKinds.BuiltWords)})" : null,
    };

    public static readonly ScalarRow<MacAddress> Mac = Key("mac", Scalars.Mac,
        port => port.Mac, (port, mac) => port with { Mac = mac },
        "the address of whoever is plugged in, which nobody else in the network can have then; `show ports` and `attach` tell it") with
    {
        Otherwise = "one that is made, the same at every start, which no other guest can have",
    };

    public static readonly ScalarRow<Guarding> Guard = Key("guard", PlainScalars.OneOf(Words.Guardings),
        port => port.Guard, (port, guard) => port with { Guard = guard },
        "admits only what the guest was given: its MAC address (`mac`), the IP addresses that the file gives it or DHCP has lent it "
            + "(`ip`), or both (`on`); and with either nothing that servers of DHCP and routers say") with
    {
        Where = [.. PortKinds.All.Where(IsOfGuests).Select(kind => kind.Word)],
        Otherwise = "the network's",
    };

    public static readonly ScalarRow<int> FloodLimit = Key("flood-limit", PlainScalars.Integer(1, 10_000_000),
        port => port.FloodLimit, (port, limit) => port with { FloodLimit = limit },
        "frames for everybody (broadcast, multicast, or for a station that nobody has heard) that it may bring, at once and in each "
            + "second; a super-frame is as many as its segments. More are dropped (`flood-limit`)") with
    {
        Otherwise = $"`{PortModel.FloodLimitOfGuest}`; of kind `nic` `{PortModel.FloodLimitOfLan}`",
    };

    public static readonly ScalarRow<AdminState> Admin = Key("admin", PlainScalars.OneOf(Words.AdminStates),
        port => port.Admin, (port, admin) => port with { Admin = admin },
        "`down`: it stays as it is, and nothing goes in or out until it is `up` again");

    /// <summary>The keys that a network has as well; a port that names no MTU has its network's.</summary>
    private static readonly Row[] s_shared =
        [.. NamedKeys.All.Select(row => row.Name == NamedKeys.Mtu.Name ? row with { Otherwise = "the network's" } : row)];

    /// <summary>The keys that the kinds add, each once, read for its mistakes alone.</summary>
    private static readonly Row[] s_foreign =
    [
        .. PortKinds.All.SelectMany(kind => kind.Keys.Select(row => new PartRow(row, _ => kind.Blank(""), (port, _) => port)))
            .DistinctBy(row => row.Name),
    ];

    /// <summary>A port whose kind isn't known may have any key; those of an interface are held against the rest all the same.</summary>
    private static readonly PortKind s_unknown = new UnbuiltKind("", "", leadsToLan: false,
        [.. new Row[] { InterfaceKeys.Interface, InterfaceKeys.Netns, InterfaceKeys.Address }.Concat(s_foreign)
            .DistinctBy(row => row.Name)]);

    private static readonly Dictionary<PortKind, IReadOnlyList<Row>> s_byKind = PortKinds.All.Append(s_unknown).ToDictionary(kind => kind,
        IReadOnlyList<Row> (kind) =>
            [Network, Kind, .. kind.Keys.Select(row => row with { Where = KindsWith(row) }), Mac,
            .. IsOfGuests(kind) ? [Guard] : Array.Empty<Row>(), FloodLimit, Admin, .. s_shared]);

    /// <summary>As a mistake tells them: where a key is for kinds that are built, the others would be no help.</summary>
    private static readonly Row[] s_told = [.. s_byKind[s_unknown].Select(row => row with
    {
        Where = row.Where.Any(PortKinds.BuiltWords.Contains) ? [.. row.Where.Intersect(PortKinds.BuiltWords)] : row.Where,
    })];

    /// <summary>Every key that a port of any kind may have.</summary>
    public static IReadOnlyList<Row> All => s_byKind[s_unknown];

    /// <summary>Every key that a port of a kind that is built may have, once.</summary>
    public static IReadOnlyList<Row> Choices { get; } =
        [.. PortKinds.All.Where(kind => kind.IsBuilt).SelectMany(kind => s_byKind[kind]).DistinctBy(row => row.Name)];

    /// <summary>In the order in which they are written.</summary>
    public static IReadOnlyList<Row> Of(PortKind kind) => s_byKind[kind];

    /// <summary>Reads one port of the file.</summary>
    public static PortModel Read(Section section, Places places, string name)
    {
        Kind.Read(section, s_unknown.Blank(name), places);
        var kind = places.Of(Kind)?.Value;
        var port = Of(kind ?? s_unknown).Read(section, (kind ?? s_unknown).Blank(name), places, Kind,
            key => kind is null ? null : s_told.Elsewhere("kind", kind.Word, key));
        // What stands there all the same is looked at, so that all mistakes are told in one go.
        foreach (var row in s_foreign)
        {
            if (!places.Has(row))
                row.Read(section, port, new(section.At));
        }
        return port;
    }

    /// <summary>Gives what puts in what a port has from its network.</summary>
    /// <param name="networks">Those of the file.</param>
    public static Func<Entry<PortModel>, PortModel> Filler(IEnumerable<NetworkModel> networks)
    {
        var byName = networks.ToDictionary(network => network.Name);
        return entry =>
        {
            var (port, places) = entry;
            if (!byName.TryGetValue(port.Network, out var network))
                return port;
            var mtu = places.Of(NamedKeys.Mtu) is null ? network.Mtu : port.Mtu;
            var guard = places.Of(Guard) is null && places.Of(Kind) is { Value: var kind } && IsOfGuests(kind) ? network.Guard : port.Guard;
            return (port.Mtu, port.Guard) == (mtu, guard) ? port : port with { Mtu = mtu, Guard = guard };
        };
    }

    /// <summary>Gives what writes one port.</summary>
    /// <param name="networks">Those of the model.</param>
    public static Func<PortModel, WrittenKey> Writer(IEnumerable<NetworkModel> networks)
    {
        var byName = networks.ToDictionary(network => network.Name);
        return port => new(port.Name, Write(port, byName[port.Network]));
    }

    /// <param name="port">The port.</param>
    /// <param name="network">What it has where it names nothing of its own; null: that isn't known, and it names all of it.</param>
    public static WrittenMap Write(PortModel port, NetworkModel? network = null)
    {
        var kind = PortKinds.Of(port);
        return Of(kind).Write(port, kind.Blank(port.Name) with
        {
            Mtu = network?.Mtu ?? NamedModel.DefaultMtu,
            Guard = network is not null && IsOfGuests(kind) ? network.Guard : Guarding.Off,
        });
    }

    /// <summary>A guest is behind its ports, and nobody else.</summary>
    private static bool IsOfGuests(PortKind kind) => !kind.LeadsToLan;

    private static string[] KindsWith(Row row) =>
        [.. PortKinds.All.Where(kind => kind.Keys.Any(own => own.Name == row.Name)).Select(kind => kind.Word)];

    private static bool ParseKind(string word, out PortKind kind) => (kind = PortKinds.Find(word)!) is not null;
}
