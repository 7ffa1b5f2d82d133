using SoftSwitch.Config.Checks;
using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Model;
using SoftSwitch.Text;

namespace SoftSwitch.Config;

/// <summary>Reads one port of the file.</summary>
internal static class PortReader
{
    /// <summary>All are read; those that are built are advised.</summary>
    private static readonly ScalarType<PortKind> Kind =
        Scalars.OneOf<PortKind>(Words.PortKinds) with { Expected = Shown.Or(Availability.KindWords), Words = Availability.KindWords };

    private static readonly ScalarType<string> MacvtapType = Scalars.Choice("bridge", "private", "vepa", "passthru");

    private static readonly ScalarType<string> Role = Scalars.Choice("server", "client");

    private static readonly ScalarType<int> Queues = Scalars.Integer(1, 64);

    public static PortConfig Read(Located<string> name, Section section)
    {
        var kind = section.Value("kind", Kind);
        section.RefuseOthers(PortKeys.Of(kind?.Value), key => kind is null ? null : PortKeys.Elsewhere(kind.Value, key));
        section.Require("network", "network: and the name of a network");
        section.Require("kind", $"kind: {Shown.Or(Availability.KindWords)}");
        if (kind is not null && Availability.IsBuilt(kind.Value))
            RequireKeysOf(kind.Value, section);
        return new()
        {
            Name = name,
            Network = section.Value("network", Scalars.Name),
            Kind = kind,
            Mac = section.Value("mac", Scalars.Mac),
            Mtu = section.Value("mtu", NetworkReader.Mtu),
            Interface = section.Value("interface", HostScalars.Interface),
            Netns = section.Value("netns", HostScalars.Netns),
            Address = section.Value("address", Scalars.InterfaceAddress),
            Owner = section.Value("owner", HostScalars.Owner),
            Parent = section.Value("parent", HostScalars.Interface),
            Type = section.Value("type", MacvtapType),
            Bridge = section.Value("bridge", HostScalars.Interface),
            Socket = section.Value("socket", HostScalars.Socket),
            Role = section.Value("role", Role),
            Queues = section.Value("queues", Queues),
            Listen = section.Value("listen", HostScalars.SocketOrEndpoint),
            Connect = section.Value("connect", HostScalars.SocketOrEndpoint),
            Local = section.Value("local", HostScalars.SocketOrEndpoint),
            Remote = section.Value("remote", HostScalars.SocketOrEndpoint),
        };
    }

    private static void RequireKeysOf(PortKind kind, Section section)
    {
        foreach (var key in PortKeys.NeededBy(kind))
        {
            section.Require(key, key switch
            {
                "netns" => "netns: and the name, path or pid of the namespace that gets the other end",
                "parent" or "bridge" => $"{key}: and the name of an interface",
                "socket" => "socket: /run/softswitch/vm.sock",
                _ => $"{key}: a path such as /run/softswitch/vm.sock, or 127.0.0.1:5000",
            });
        }
        if (kind == PortKind.Stream && section.Has("listen") == section.Has("connect"))
            section.Complain(section.Has("listen") ? "has both 'listen' and 'connect': keep one" : "has neither 'listen' nor 'connect': write listen: /run/softswitch/vm.sock");
    }
}
