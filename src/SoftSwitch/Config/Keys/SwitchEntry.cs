using SoftSwitch.Config.Rows;
using SoftSwitch.Model;

namespace SoftSwitch.Config.Keys;

/// <summary>A file as it was read: what it says, with its defaults and without what was refused, and where.</summary>
internal sealed record SwitchEntry(SwitchModel Model, Places Places)
{
    public IReadOnlyList<Entry<NetworkModel>> Networks => Places.Of(SwitchKeys.Networks);

    public IReadOnlyList<Entry<PortModel>> Ports => Places.Of(SwitchKeys.Ports);
}
