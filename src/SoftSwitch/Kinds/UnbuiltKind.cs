using SoftSwitch.Attach;
using SoftSwitch.Config.Rows;
using SoftSwitch.Linux;
using SoftSwitch.Model;
using SoftSwitch.Persistence;

namespace SoftSwitch.Kinds;

/// <summary>A kind that the language has and this program hasn't yet. Its file is refused, so that no port of it lives.</summary>
internal sealed class UnbuiltKind(string word, string says, bool leadsToLan, IReadOnlyList<Row> keys) : PortKind
{
    public static UnbuiltKind Macvtap { get; } =
        new("macvtap", "an uplink with a MAC of its own", true, [UnbuiltKeys.Parent, UnbuiltKeys.Type]);

    public static UnbuiltKind Tun { get; } =
        new("tun", "an interface for IP alone", false, [InterfaceKeys.Interface, InterfaceKeys.Netns, InterfaceKeys.Address]);

    public static UnbuiltKind Bridge { get; } = new("bridge", "a Linux bridge", true, [UnbuiltKeys.Bridge]);

    public static UnbuiltKind VhostUser { get; } =
        new("vhost-user", "QEMU or DPDK, by shared memory", false, [UnbuiltKeys.Socket, UnbuiltKeys.Role, UnbuiltKeys.Queues]);

    public static UnbuiltKind Stream { get; } =
        new("stream", "QEMU or passt, by a stream socket", false, [UnbuiltKeys.Listen, UnbuiltKeys.Connect]);

    public static UnbuiltKind Dgram { get; } = new("dgram", "QEMU, a frame a datagram", false, [UnbuiltKeys.Local, UnbuiltKeys.Remote]);

    public override string Word => word;

    public override string Says => says;

    public override IReadOnlyList<Row> Keys => keys;

    public override bool IsBuilt => false;

    public override bool LeadsToLan => leadsToLan;

    public override bool MakesInterface => false;

    public override bool GivesInterface => false;

    public override int LongestMtu => int.MaxValue;

    public override int OpenFiles => throw NotBuilt();

    public override PortModel Blank(string name) => new UnbuiltModel(word) { Name = name, Network = "", Interface = name };

    public override PortModel Complete(PortModel port, StationMacs macs) => throw NotBuilt();

    public override Endpoint Endpoint(PortModel port) => throw NotBuilt();

    public override IEnumerable<Capability> Capabilities(PortModel port) => throw NotBuilt();

    public override AttachText Attach(PortModel port, AttachFormat format) => throw NotBuilt();

    private InvalidOperationException NotBuilt() => new($"a file with kind {word} is refused before it gets here");
}
