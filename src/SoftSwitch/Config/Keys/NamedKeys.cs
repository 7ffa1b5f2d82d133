using SoftSwitch.Config.Rows;
using SoftSwitch.Model;

namespace SoftSwitch.Config.Keys;

/// <summary>The keys that networks and ports both have.</summary>
internal sealed class NamedKeys : Table<NamedModel>
{
    public static readonly ScalarRow<int> Mtu = Key("mtu", Scalars.Mtu,
        named => named.Mtu, (named, mtu) => named with { Mtu = mtu },
        "bytes of the longest packet; of a port no more than the network's, and of a `tap` or `guest` at most 65521");

    public static readonly IReadOnlyList<Row> All = [Mtu];
}
