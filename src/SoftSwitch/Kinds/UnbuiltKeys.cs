using SoftSwitch.Config.Rows;

namespace SoftSwitch.Kinds;

/// <summary>The keys of kinds that aren't built: they are read and checked, and go nowhere.</summary>
internal sealed class UnbuiltKeys : Table<UnbuiltModel>
{
    public static readonly ScalarRow<string> Parent = Key("parent", HostScalars.Interface, "the NIC below it");

    public static readonly ScalarRow<string> Type =
        Key("type", PlainScalars.Choice("bridge", "private", "vepa", "passthru"), "how it lives beside others on its parent");

    public static readonly ScalarRow<string> Bridge = Key("bridge", HostScalars.Interface, "the Linux bridge");

    public static readonly ScalarRow<string> Socket = Key("socket", HostScalars.Socket, "the vhost-user socket");

    public static readonly ScalarRow<string> Role = Key("role", PlainScalars.Choice("server", "client"), "who listens on it");

    public static readonly ScalarRow<int> Queues =
        Key("queues", PlainScalars.Integer(1, 64), _ => null, (port, _) => port, "pairs of queues");

    public static readonly ScalarRow<string> Listen = Key("listen", HostScalars.SocketOrEndpoint, "where the switch listens");

    public static readonly ScalarRow<string> Connect = Key("connect", HostScalars.SocketOrEndpoint, "where it connects to");

    public static readonly ScalarRow<string> Local = Key("local", HostScalars.SocketOrEndpoint, "where it receives");

    public static readonly ScalarRow<string> Remote = Key("remote", HostScalars.SocketOrEndpoint, "where it sends to");

    private static ScalarRow<string> Key(string name, ScalarType<string> type, string says) =>
        Key(name, type, _ => null, (port, _) => port, says);
}
