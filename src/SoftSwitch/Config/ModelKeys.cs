using System.Globalization;
using SoftSwitch.Model;

namespace SoftSwitch.Config;

/// <summary>A model in the keys of the language, for <see cref="ConfigWriter"/> and <see cref="ConfigJson"/>. Defaults are left out.</summary>
internal static class ModelKeys
{
    private const int DefaultMtu = 1500;

    /// <summary>The keys at the top that have one value.</summary>
    public static IEnumerable<WrittenKey> Of(SwitchModel model) => Written(
        model.Workers == 1 ? default : Number("workers", model.Workers),
        model.Poll == PollMode.Adaptive ? default : new("poll", model.Poll.Word()),
        new("state", model.State));

    public static IEnumerable<WrittenKey> Of(NetworkModel network) => Written(
        new("mode", network.Mode.Word()),
        network.Mtu == DefaultMtu ? default : Number("mtu", network.Mtu),
        network.Ageing == TimeSpan.FromSeconds(300) ? default : new("ageing", $"{(int)network.Ageing.TotalSeconds}s"),
        new("subnet", network.Subnet?.ToString()));

    /// <param name="port">The port.</param>
    /// <param name="networkMtu">The MTU a port of its network has where it names none.</param>
    public static IEnumerable<WrittenKey> Of(PortModel port, int networkMtu = DefaultMtu) => Written(
    [
        new("network", port.Network),
        new("kind", port.Kind.Word()),
        .. port switch
        {
            TapModel tap => Place(tap.Interface, tap.Netns, tap.Address),
            VethModel veth => Place(veth.Interface, veth.Netns, veth.Address),
            GuestModel guest => [new("interface", guest.Interface), new("owner", guest.Owner)],
            NicModel nic => [new("interface", nic.Interface)],
            _ => Array.Empty<WrittenKey>(),
        },
        new("mac", port.Mac?.ToString()),
        port.Mtu == networkMtu ? default : Number("mtu", port.Mtu),
    ]);

    private static WrittenKey[] Place(string name, string? netns, InterfaceAddress? address) =>
        [new("interface", name), new("netns", netns), new("address", address?.ToString())];

    private static WrittenKey Number(string key, int value) => new(key, value.ToString(CultureInfo.InvariantCulture), IsNumber: true);

    private static IEnumerable<WrittenKey> Written(params WrittenKey[] keys) => keys.Where(key => key.Value is not null);
}
